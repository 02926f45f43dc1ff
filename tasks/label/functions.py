"""The rulebook of labeling functions: what speaks for a family-friendly title, and what against.

To add a rule, write a function of a line or two, decorated and with a one-line docstring, add it to
`LABELING_FUNCTIONS`, and add one row to the table in its tests. It sees only the columns that it
declares, all titles at once, and says where it votes; it never votes the other class.

Every rule is written from prior knowledge of the domain, none is fitted to gold. A rating is the
verdict of people who saw the title, so two rules speak for each: one says which side it is on, one
for which audience. Genres and words are hints: it takes three that agree to outvote a rating. Words
tell what a story is about and not how it is told, so the lists are narrow: ``murder*`` but no
``war``, ``sex*`` but no ``love``.
"""

import pandas as pd

from tasks.label.core import labeling_function
from tasks.label.matching import Mask, has_genre, keywords, mentions, on_distinct
from tasks.rulebook import rulebook
from tasks.schema import FAMILY, NOT_FAMILY

TEXT = ("title", "description")

# The audiences of the two American systems: films (MPA) and television (TV Parental Guidelines).
FOR_CHILDREN = frozenset({"TV-Y", "TV-Y7", "TV-Y7-FV"})
FOR_EVERYONE = frozenset({"G", "TV-G"})
WITH_GUIDANCE = frozenset({"PG", "TV-PG"})
FOR_TEENS = frozenset({"PG-13", "TV-14"})
FOR_ADULTS = frozenset({"R", "NC-17", "TV-MA"})

CHILDREN = keywords("""
    kid, kids, kiddo*, toddler*, preschool*, kindergarten*, nursery, lullab*, bedtime, playtime,
    playground*, sing-along*, singalong*, cartoon*, puppet*, little ones, young viewers,
    young heroes, fun for all ages, fun-loving, whole family, family-friendly, summer camp
""")
MAKE_BELIEVE = keywords("""
    magical, enchanted, fairy, fairies, fairytale*, fairyland, unicorn*, mermaid*, dragon*,
    princess*, wizard*, genie*, elf, elves, superhero*, dinosaur*, pirate*, toy, toys,
    treasure hunt*, talking
""")
ANIMAL_FRIENDS = keywords("""
    puppy, puppies, pup, pups, kitten*, kitty, pony, ponies, bunny, bunnies, penguin*, panda*,
    hamster*, duckling*, critter*, furry, animal friend*, lovable dog, farm animal*, teddy bear*
""")
HOLIDAYS = keywords("""
    christmas, santa, reindeer, snowman, north pole, easter, thanksgiving, grandma, grandpa,
    grandmother, grandfather, holiday special
""")
VIOLENCE = keywords("""
    murder*, kill, kills, killed, killer*, killing*, assassin*, hitman, hitmen,
    massacre*, slaughter*, bloody, bloodshed, bloodbath, bloodthirsty, brutal*, violent*,
    violence, vengeance, vengeful, revenge, tortur*, gunman, gunmen, gunned, shootout*, stabbed,
    stabbing*, hostage*, terrorist*, terrorism, vigilante*, manhunt*, mercenar*
""")
CRIME = keywords("""
    drug, drugs, cartel*, narco*, cocaine, heroin, meth, kingpin*, mafia, mob, mobster*,
    gangster*, gangs, gangland, crime boss*, crime lord*, crime ring*, underworld,
    organized crime, traffick*, smuggl*, robbery, robberies, heist*, inmate*, prison, prisoner*,
    convict, convicts, corrupt cop*
""")
SEX = keywords("""
    sex*, erotic*, porn*, prostitut*, brothel*, stripper*, strip club*, escort, escorts, nude,
    nudity, adulter*, extramarital, affair, affairs, infidelity, mistress*, seduc*, lust*, orgy,
    orgies, threesome*, one-night stand*, hookup*, fetish*, virginity, orgasm*
""")
HORROR = keywords("""
    haunted, haunting*, demon, demons, demonic, exorcis*, possessed, zombie*, undead, occult,
    satan*, paranormal, evil spirit*, malevolent, sinister, macabre, gruesome, gory, grisly,
    horrif*, nightmarish, terrifying, cannibal*, slasher*, psychopath*, bloodsuck*, apocalypse
""")
CRUELTY = keywords("""
    rape, raped, rapes, rapist*, abuse, abused, abusive, abuser*, molest*, pedophil*, incest*,
    suicid*, addict, addicts, addicted, addiction*, overdos*, alcoholi*, genocid*, holocaust,
    traumatic, kidnap*, abduct*, human traffick*
""")
STRONG_HUMOR = keywords("""
    raunchy, profane, profanity, foul-mouthed, uncensored, unfiltered, irreverent, nsfw, crude,
    bawdy, filthy, edgy, no-holds-barred, stoner*, weed, marijuana, cannabis, booze*, boozy,
    drunk*, hungover, hangover*, bachelor party, bachelorette party, stand-up special*,
    dark comedy
""")


def _rated(catalog: pd.DataFrame, ratings: frozenset[str]) -> Mask:
    return on_distinct(catalog["rating"], ratings.__contains__)


@labeling_function(reads=("rating",), votes=FAMILY)
def rated_for_families(catalog: pd.DataFrame) -> Mask:
    """Rated suitable for children, alone or with their parents' guidance."""
    return _rated(catalog, FOR_CHILDREN | FOR_EVERYONE | WITH_GUIDANCE)


@labeling_function(reads=("rating",), votes=FAMILY)
def rated_for_children(catalog: pd.DataFrame) -> Mask:
    """Rated as made for children."""
    return _rated(catalog, FOR_CHILDREN)


@labeling_function(reads=("rating",), votes=FAMILY)
def rated_for_everyone(catalog: pd.DataFrame) -> Mask:
    """Rated suitable for a general audience."""
    return _rated(catalog, FOR_EVERYONE)


@labeling_function(reads=("rating",), votes=FAMILY)
def rated_with_guidance(catalog: pd.DataFrame) -> Mask:
    """Rated suitable for children if their parents agree."""
    return _rated(catalog, WITH_GUIDANCE)


@labeling_function(reads=("rating",), votes=NOT_FAMILY)
def rated_beyond_families(catalog: pd.DataFrame) -> Mask:
    """Rated unsuitable for young children."""
    return _rated(catalog, FOR_TEENS | FOR_ADULTS)


@labeling_function(reads=("rating",), votes=NOT_FAMILY)
def rated_for_teens(catalog: pd.DataFrame) -> Mask:
    """Rated for teenagers: parents of younger children are strongly cautioned."""
    return _rated(catalog, FOR_TEENS)


@labeling_function(reads=("rating",), votes=NOT_FAMILY)
def rated_for_adults(catalog: pd.DataFrame) -> Mask:
    """Rated for adults only, or for those under 17 with an adult."""
    return _rated(catalog, FOR_ADULTS)


@labeling_function(reads=("listed_in",), votes=FAMILY)
def genre_children(catalog: pd.DataFrame) -> Mask:
    """Made for children and families, by genre."""
    return has_genre(catalog, "Children & Family Movies", "Kids' TV")


@labeling_function(reads=("listed_in",), votes=FAMILY)
def genre_faith(catalog: pd.DataFrame) -> Mask:
    """Films of faith, which the families of a congregation watch together, by genre."""
    return has_genre(catalog, "Faith & Spirituality")


@labeling_function(reads=("listed_in",), votes=FAMILY)
def genre_nature(catalog: pd.DataFrame) -> Mask:
    """Science and nature as schools show it, by genre."""
    return has_genre(catalog, "Science & Nature TV")


@labeling_function(reads=("listed_in",), votes=NOT_FAMILY)
def genre_horror(catalog: pd.DataFrame) -> Mask:
    """Horror, by genre."""
    return has_genre(catalog, "Horror Movies", "TV Horror")


@labeling_function(reads=("listed_in",), votes=NOT_FAMILY)
def genre_thriller(catalog: pd.DataFrame) -> Mask:
    """Thrillers, by genre."""
    return has_genre(catalog, "Thrillers", "TV Thrillers")


@labeling_function(reads=("listed_in",), votes=NOT_FAMILY)
def genre_crime(catalog: pd.DataFrame) -> Mask:
    """Series about crime, by genre."""
    return has_genre(catalog, "Crime TV Shows")


@labeling_function(reads=("listed_in",), votes=NOT_FAMILY)
def genre_stand_up(catalog: pd.DataFrame) -> Mask:
    """Stand-up comedy, whose language is for adults, by genre."""
    return has_genre(catalog, "Stand-Up Comedy", "Stand-Up Comedy & Talk Shows")


@labeling_function(reads=TEXT, votes=FAMILY, keywords=CHILDREN)
def kw_children(catalog: pd.DataFrame) -> Mask:
    """Speaks to or of small children: kids, toddlers, bedtime, playgrounds, the whole family."""
    return mentions(catalog, CHILDREN)


@labeling_function(reads=TEXT, votes=FAMILY, keywords=MAKE_BELIEVE)
def kw_make_believe(catalog: pd.DataFrame) -> Mask:
    """Peopled by the figures of children's stories: fairies, dragons, princesses, toys."""
    return mentions(catalog, MAKE_BELIEVE)


@labeling_function(reads=TEXT, votes=FAMILY, keywords=ANIMAL_FRIENDS)
def kw_animal_friends(catalog: pd.DataFrame) -> Mask:
    """Has the animals that children love: puppies, ponies, penguins."""
    return mentions(catalog, ANIMAL_FRIENDS)


@labeling_function(reads=TEXT, votes=FAMILY, keywords=HOLIDAYS)
def kw_holidays(catalog: pd.DataFrame) -> Mask:
    """Set where generations meet: Christmas, Santa, grandparents."""
    return mentions(catalog, HOLIDAYS)


@labeling_function(reads=TEXT, votes=NOT_FAMILY, keywords=VIOLENCE)
def kw_violence(catalog: pd.DataFrame) -> Mask:
    """About killing, terror or revenge."""
    return mentions(catalog, VIOLENCE)


@labeling_function(reads=TEXT, votes=NOT_FAMILY, keywords=CRIME)
def kw_crime(catalog: pd.DataFrame) -> Mask:
    """About drugs, gangs, robbery or prison."""
    return mentions(catalog, CRIME)


@labeling_function(reads=TEXT, votes=NOT_FAMILY, keywords=SEX)
def kw_sex(catalog: pd.DataFrame) -> Mask:
    """About sex, affairs or seduction."""
    return mentions(catalog, SEX)


@labeling_function(reads=TEXT, votes=NOT_FAMILY, keywords=HORROR)
def kw_horror(catalog: pd.DataFrame) -> Mask:
    """Made to frighten: demons, zombies, the occult."""
    return mentions(catalog, HORROR)


@labeling_function(reads=TEXT, votes=NOT_FAMILY, keywords=CRUELTY)
def kw_cruelty(catalog: pd.DataFrame) -> Mask:
    """About abuse, addiction, suicide or abduction."""
    return mentions(catalog, CRUELTY)


@labeling_function(reads=TEXT, votes=NOT_FAMILY, keywords=STRONG_HUMOR)
def kw_strong_humor(catalog: pd.DataFrame) -> Mask:
    """Jokes for adults: raunchy, uncensored, drunk or stoned."""
    return mentions(catalog, STRONG_HUMOR)


LABELING_FUNCTIONS = rulebook(
    rated_for_families,
    rated_for_children,
    rated_for_everyone,
    rated_with_guidance,
    rated_beyond_families,
    rated_for_teens,
    rated_for_adults,
    genre_children,
    genre_faith,
    genre_nature,
    genre_horror,
    genre_thriller,
    genre_crime,
    genre_stand_up,
    kw_children,
    kw_make_believe,
    kw_animal_friends,
    kw_holidays,
    kw_violence,
    kw_crime,
    kw_sex,
    kw_horror,
    kw_cruelty,
    kw_strong_humor,
)
