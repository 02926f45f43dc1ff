"""The rulebook of labeling functions: what speaks for a family-friendly title, and what against.

To add a rule, add an entry to `LABELING_FUNCTIONS` and one row to the table in its tests. Most
rules are told by data alone (see `tasks.label.rule`): which rating, genres, words or cells
they look for. Any other is a function of a line or two with a one-line docstring, decorated with
`tasks.label.rule.labeling_function`: it sees only the columns that it declares, all titles at
once, says where it votes, and never votes the other class.

Every rule is written from prior knowledge of the domain, none is fitted to gold. So are the
strengths: how often a vote would be right if both classes were equally frequent.

- `VERDICT`: given by people who saw the title: its rating, or that it is filed under children's.
  Two rules speak for each rating: one says which side it is on, one for which audience.
- `STRONG`: hardly ever on a title of the other class, such as horror or toy brands.
- `FAIR`: mostly right, with well-known exceptions.
- `HINT`: a lean that holds for many titles and proves nothing for one, such as a long film. Under
  majority voting, which takes every vote for equal, hints do not count.
"""

from tasks.catalog.columns import FAMILY, NOT_FAMILY
from tasks.catalog.rulebook import rulebook
from tasks.label import words
from tasks.label.conditions import Minutes, Names, Years
from tasks.label.rule import having, listing, mentioning, rated

VERDICT, STRONG, FAIR, HINT = 0.99, 0.95, 0.8, 0.65

# The audiences of the two American systems: films (MPA) and television (TV Parental Guidelines).
FOR_CHILDREN = ("TV-Y", "TV-Y7", "TV-Y7-FV")
FOR_EVERYONE = ("G", "TV-G")
WITH_GUIDANCE = ("PG", "TV-PG")
FOR_TEENS = ("PG-13", "TV-14")
FOR_ADULTS = ("R", "NC-17", "TV-MA")

CHILDRENS = ("Children & Family Movies", "Kids' TV")
COMEDIES = ("Comedies", "TV Comedies")
LIGHT = (*COMEDIES, "Music & Musicals")
DOCUMENTARIES = ("Documentaries", "Docuseries")
ROMANCE = ("Romantic Movies", "Romantic TV Shows")
IMPORTS = ("International Movies", "International TV Shows")
FOR_GROWN_UPS = (*DOCUMENTARIES, *IMPORTS, "Independent Movies")
STAND_UP = ("Stand-Up Comedy", "Stand-Up Comedy & Talk Shows")

CONTINENT = (
    *("France", "Germany", "Italy", "Belgium", "Netherlands", "Austria", "Switzerland", "Denmark"),
    *("Sweden", "Norway", "Finland", "Iceland", "Poland", "Czech Republic", "Hungary", "Romania"),
)
AFRICA_AND_LEVANT = (
    *("Nigeria", "South Africa", "Ghana", "Kenya", "Egypt", "Turkey", "Lebanon", "Israel"),
    *("Jordan", "Kuwait", "Saudi Arabia", "United Arab Emirates"),
)

FILM = Names(any_of=("Movie",))

# fmt: off
LABELING_FUNCTIONS = rulebook(
    # Ratings
    rated("rated_for_families", FAMILY, VERDICT, *FOR_CHILDREN, *FOR_EVERYONE, *WITH_GUIDANCE,
          doc="Rated suitable for children, alone or with their parents' guidance."),
    rated("rated_for_children", FAMILY, VERDICT, *FOR_CHILDREN, doc="Rated as made for children."),
    rated("rated_for_everyone", FAMILY, VERDICT, *FOR_EVERYONE,
          doc="Rated suitable for a general audience."),
    rated("rated_with_guidance", FAMILY, VERDICT, *WITH_GUIDANCE,
          doc="Rated suitable for children if their parents agree."),
    rated("rated_beyond_families", NOT_FAMILY, VERDICT, *FOR_TEENS, *FOR_ADULTS,
          doc="Rated unsuitable for young children."),
    rated("rated_for_teens", NOT_FAMILY, VERDICT, *FOR_TEENS,
          doc="Rated for teenagers: parents of younger children are strongly cautioned."),
    rated("rated_for_adults", NOT_FAMILY, VERDICT, *FOR_ADULTS,
          doc="Rated for adults only, or for those under 17 with an adult."),
    # Genres for families
    listing("genre_children", FAMILY, VERDICT, *CHILDRENS,
            doc="Made for children and families, by genre."),
    having("genre_only_children", FAMILY, VERDICT, group="genre",
           listed_in=Names(any_of=CHILDRENS, only=(*CHILDRENS, *LIGHT)),
           doc="Made for children and families and nothing else but laughs and songs, by genre."),
    listing("genre_faith", FAMILY, FAIR, "Faith & Spirituality",
            doc="Films of faith, which the families of a congregation watch together, by genre."),
    listing("genre_nature", FAMILY, FAIR, "Science & Nature TV",
            doc="Science and nature as schools show it, by genre."),
    having("documentary_nature", FAMILY, FAIR, group="genre",
           listed_in=Names(any_of=(*DOCUMENTARIES, "Science & Nature TV")),
           words=words.NATURE, without=words.HARSH,
           doc="Documentaries of nature, science and travel that speak of nothing harsh."),
    having("series_homely", FAMILY, FAIR, group="genre",
           listed_in=Names(any_of=("Reality TV", "Docuseries", "British TV Shows",
                                   "International TV Shows"),
                           none_of=("TV Dramas", "TV Comedies", "Romantic TV Shows",
                                    "Crime TV Shows")),
           words=words.HOME, without=words.HARSH + words.DATING,
           doc="Series that cook, bake, build and garden, and neither date nor investigate."),
    listing("genre_music", FAMILY, HINT, "Music & Musicals",
            doc="Musicals and concerts, by genre."),
    having("genre_sports_story", FAMILY, HINT, group="genre",
           listed_in=Names(any_of=("Sports Movies",), none_of=FOR_GROWN_UPS),
           without=words.HARSH,
           doc="Sports films that inspire: no documentary, no import, nothing harsh."),
    listing("genre_classic", FAMILY, HINT, "Classic Movies", "Classic & Cult TV",
            doc="Classics, most of them from more restrained decades, by genre."),
    listing("genre_documentary", FAMILY, HINT, "Documentaries",
            doc="Documentary films, which inform without staging sex or violence, by genre."),
    having("genre_reality_contest", FAMILY, HINT, group="genre",
           listed_in=Names(any_of=("Reality TV",), none_of=ROMANCE + IMPORTS),
           without=words.HARSH + words.DATING,
           doc="Contests and lifestyle for the whole living room: nobody dates, nothing harsh."),
    # Genres for others
    listing("genre_horror", NOT_FAMILY, STRONG, "Horror Movies", "TV Horror",
            doc="Horror, by genre."),
    listing("genre_thriller", NOT_FAMILY, STRONG, "Thrillers", "TV Thrillers",
            doc="Thrillers, by genre."),
    listing("genre_crime", NOT_FAMILY, STRONG, "Crime TV Shows", "TV Mysteries",
            doc="Series about crimes and how they are solved, by genre."),
    listing("genre_stand_up", NOT_FAMILY, STRONG, *STAND_UP,
            doc="Stand-up comedy, whose language is for adults, by genre."),
    listing("genre_lgbtq", NOT_FAMILY, FAIR, "LGBTQ Movies",
            doc="Films of love and identity, which raters tend to give to adults, by genre."),
    listing("genre_independent", NOT_FAMILY, FAIR, "Independent Movies", "Cult Movies",
            doc="Independent and cult films, made for grown-up audiences, by genre."),
    listing("genre_romance", NOT_FAMILY, HINT, *ROMANCE,
            doc="Romance, of grown-ups or for teenagers, by genre."),
    listing("genre_drama_series", NOT_FAMILY, FAIR, "TV Dramas", doc="Drama series, by genre."),
    listing("genre_drama", NOT_FAMILY, HINT, "Dramas", doc="Drama films, by genre."),
    listing("genre_action", NOT_FAMILY, HINT, "Action & Adventure", "TV Action & Adventure",
            doc="Action, which is rarely harmless, by genre."),
    listing("genre_fantastic", NOT_FAMILY, HINT, "Sci-Fi & Fantasy", "TV Sci-Fi & Fantasy",
            doc="Science fiction and fantasy, by genre."),
    listing("genre_international", NOT_FAMILY, HINT, *IMPORTS, "Spanish-Language TV Shows",
            "Korean TV Shows",
            doc="Imports, which are bought for grown-ups who read subtitles, by genre."),
    having("genre_other_comedy", NOT_FAMILY, HINT, group="genre",
           listed_in=Names(any_of=COMEDIES, none_of=CHILDRENS),
           doc="Comedies that are not listed for children as well, by genre."),
    # Kinds of titles
    having("film_short", FAMILY, FAIR, type=FILM, duration=Minutes(0, 50),
           doc="Films of less than 50 minutes: most are specials of children's series."),
    having("film_compact", FAMILY, HINT, type=FILM, duration=Minutes(50, 85),
           listed_in=Names(none_of=STAND_UP),
           doc="Films of 50 to 84 minutes, the length of animated films, but no stand-up."),
    having("film_long", NOT_FAMILY, HINT, type=FILM, duration=Minutes(120, 1000),
           doc="Films of two hours or more, longer than children sit still."),
    having("year_of_the_code", FAMILY, FAIR, release_year=Years(1930, 1967),
           doc="Made while the Production Code kept films decent (1930 to 1967)."),
    having("year_before_pg_13", FAMILY, HINT, release_year=Years(1968, 1983),
           doc="Made when what is PG-13 today was still PG (1968 to 1983)."),
    having("country_latin", NOT_FAMILY, HINT,
           country=Names(any_of=("Spain", "Mexico", "Argentina", "Brazil", "Colombia", "Chile")),
           doc="From where streaming services buy telenovelas, crime and comedy for adults."),
    having("country_east_asia", NOT_FAMILY, HINT,
           country=Names(any_of=("South Korea", "Japan", "Taiwan", "Thailand", "Hong Kong")),
           doc="From where streaming services buy romance, anime and action for teens and adults."),
    having("country_europe", NOT_FAMILY, HINT, country=Names(any_of=CONTINENT),
           doc="From the continent of Europe, whose films travel as art for grown-ups."),
    having("country_africa_and_levant", NOT_FAMILY, HINT, country=Names(any_of=AFRICA_AND_LEVANT),
           doc="From Africa and the Levant: dramas, comedies and thrillers made for grown-ups."),
    # Words for families
    mentioning("kw_children", FAMILY, FAIR, words.CHILDREN,
               doc="Speaks to or of small children: kids, toddlers, bedtime, the whole family."),
    mentioning("kw_brands", FAMILY, STRONG, words.BRANDS,
               doc="Names a brand of toys, cartoons or children's books."),
    mentioning("kw_make_believe", FAMILY, FAIR, words.MAKE_BELIEVE,
               doc="Peopled by the figures of children's stories: fairies, dragons, toys, robots."),
    mentioning("kw_animal_friends", FAMILY, FAIR, words.ANIMAL_FRIENDS,
               doc="Has the animals that children love: puppies, ponies, penguins."),
    mentioning("kw_holidays", FAMILY, FAIR, words.HOLIDAYS,
               doc="Set where generations meet: Christmas, Santa, grandparents."),
    mentioning("kw_learning", FAMILY, HINT, words.LEARNING,
               doc="Teaches, or shows how friends learn: the alphabet, curiosity, kindness."),
    mentioning("kw_playful", FAMILY, HINT, words.PLAYFUL,
               doc="Promises fun: adventures, hijinks, friends who save the day."),
    mentioning("kw_wildlife", FAMILY, HINT, words.WILDLIFE,
               doc="About animals and the planet."),
    mentioning("kw_youngsters", FAMILY, HINT, words.YOUNGSTERS,
               doc="Has young heroes: boys, siblings, classmates."),
    mentioning("kw_uplifting", FAMILY, HINT, words.UPLIFTING,
               doc="Means to lift spirits: faith, hope, coaches, cakes."),
    # Words for others
    mentioning("kw_violence", NOT_FAMILY, FAIR, words.VIOLENCE,
               doc="About killing, terror, revenge or abduction."),
    mentioning("kw_crime", NOT_FAMILY, FAIR, words.CRIME,
               doc="About crime, those who commit it and those who pursue them."),
    mentioning("kw_sex", NOT_FAMILY, STRONG, words.SEX, doc="About sex, affairs or seduction."),
    mentioning("kw_horror", NOT_FAMILY, FAIR, words.HORROR,
               doc="Made to frighten: demons, zombies, the occult."),
    mentioning("kw_cruelty", NOT_FAMILY, STRONG, words.CRUELTY,
               doc="About abuse, addiction, suicide or genocide."),
    mentioning("kw_strong_humor", NOT_FAMILY, STRONG, words.STRONG_HUMOR,
               doc="Jokes for adults: comedians, satire, the raunchy, drunk or stoned."),
    mentioning("kw_war", NOT_FAMILY, FAIR, words.WAR, doc="About war, power and protest."),
    mentioning("kw_death", NOT_FAMILY, HINT, words.DEATH,
               doc="About death, grief and those who disappear."),
    mentioning("kw_love", NOT_FAMILY, HINT, words.LOVE,
               doc="About the loves, marriages and partings of grown-ups."),
    mentioning("kw_grown_ups", NOT_FAMILY, HINT, words.GROWN_UPS,
               doc="About the lives of teens and grown-ups: college, careers, nightclubs."),
    mentioning("kw_darkness", NOT_FAMILY, HINT, words.DARKNESS,
               doc="In a dark mood: secrets, betrayal, obsession, danger."),
)
# fmt: on
