"""Write sample_titles.csv: a fictional catalog that gives every stage of the lab something to do.

It has the real catalogue's columns, shares, gaps and known faults, and none of its text.
Descriptions hint at their audience, most of the time. Figures on it mean nothing; it is there for
a first look without a download, and for tests. ``python data/make_sample.py`` writes it again.
"""

import csv
import io
import random
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from zlib import crc32

FIRST_DAY, LAST_DAY = date(2014, 1, 1), date(2021, 9, 25)
MOST_SHARED = {"{title}": 1.0, "{description}": 0.45}  # words, of all words of two texts

Row = dict[str, str]
Words = dict[str, list[str]]
Taken = dict[str, list[int]]  # the texts so far, as sets of words: a bit a word


def read_table(text: str) -> list[list[str]]:
    """Read rows of cells."""
    return [re.split(r" *\| *", line) for line in text.strip("\n").splitlines()]


def read_words(text: str) -> Words:
    """Read blocks of ``slot: phrase / phrase``."""
    blocks = (block.split(": ", 1) for block in re.split(r"\n(?=\w+: )", text.strip()))
    return {slot: re.split(r"\s+/ ", phrases) for slot, phrases in blocks}


# Ratings, whom they are for, and how many films and shows have them: the real catalogue's shares.
# Three films have their minutes in the cell of the rating.
RATINGS = read_table("""
TV-Y     | kids   |  22 |  30
TV-Y7    | kids   |  24 |  33
TV-Y7-FV | kids   |   1 |   1
G        | kids   |   7 |   0
TV-G     | family |  22 |  16
PG       | family |  49 |   0
TV-PG    | family |  92 |  55
PG-13    | teen   |  83 |   0
TV-14    | teen   | 243 | 125
R        | mature | 136 |   1
TV-MA    | mature | 346 | 193
NC-17    | mature |   1 |   0
minutes  | mature |   3 |   0
NR       |        |  13 |   1
UR       |        |   1 |   0
         |        |   1 |   1
""")
# Of each audience: the tone of its stories; how many titles in a hundred have one, two, three
# genres; the shortest, longest and commonest film in minutes; how many are among the unrated.
AUDIENCES = {
    "kids": ("light", (58, 34, 8), (3, 150, 60), 5),
    "family": ("light", (22, 40, 38), (20, 170, 90), 15),
    "teen": ("plain", (15, 34, 51), (50, 190, 105), 25),
    "mature": ("dark", (22, 34, 44), (40, 180, 90), 55),
}
# The shares of films and of shows that have an empty cell.
MISSING = {"director": (0.03, 0.91), "cast": (0.08, 0.13), "country": (0.07, 0.15),
           "date_added": (0, 0.005)}  # fmt: skip
# A genre of films and one of series, how many of a hundred titles of each audience list it, and
# what their stories are about.
GENRES = read_table("""
Action & Adventure       |  1  7 19 15 | TV Action & Adventure        |  4  4  6  8 | crime
Anime Features           |  1  3  1  1 | Anime Series                 |  8  4 10  5 | kids
Children & Family Movies | 89 35  4  1 | Kids' TV                     | 98 20  2  0 | kids
Classic Movies           |  3  3  2  2 | Classic & Cult TV            |  1  2  1  1 | drama
Comedies                 | 26 35 33 21 | TV Comedies                  | 22 21 19 23 | comedy
Cult Movies              |  0  1  1  1 | TV Mysteries                 |  0  0  4  6 | crime
Documentaries            |  2 25 14 12 | Docuseries                   |  0 29 13 16 | drama
Dramas                   |  3 31 46 42 | TV Dramas                    |  0 14 37 38 | drama
Faith & Spirituality     |  0  4  1  0 | Science & Nature TV          |  0 13  3  1 | family
Horror Movies            |  0  7  5  9 | TV Horror                    |  0  0  2  5 | horror
Independent Movies       |  1  5  8 19 | British TV Shows             |  7 17  6  9 | drama
International Movies     |  1 38 58 43 | International TV Shows       |  1 38 64 62 | drama
LGBTQ Movies             |  0  1  1  3 | Korean TV Shows              |  6  4  9  4 | romance
Movies                   |  8  1  0  0 | TV Shows                     |  0  0  0  1 | kids
Music & Musicals         |  6  9  7  5 | Reality TV                   |  0 22 11  7 | comedy
Romantic Movies          |  0 12 15  7 | Romantic TV Shows            |  0 11 26 12 | romance
Sci-Fi & Fantasy         |  2  3  6  3 | TV Sci-Fi & Fantasy          |  3  2  6  2 | crime
Sports Movies            |  2  6  3  3 | Teen TV Shows                |  0  4  4  2 | drama
Stand-Up Comedy          |  0  1  2 10 | Stand-Up Comedy & Talk Shows |  0  2  1  3 | comedy
Thrillers                |  0  9  9 14 | TV Thrillers                 |  1  1  2  3 | crime
                         |  0  0  0  0 | Crime TV Shows               |  1  1 15 31 | crime
                         |  0  0  0  0 | Spanish-Language TV Shows    |  1  3  4 11 | romance
""")
# The texts: ``{slot}`` stands for any of the phrases of that name; slashes separate phrases.
TONES = {
    "light": """
mood: curious / cheerful / plucky / shy / brave / clumsy / sleepy / kind / hopeful / tiny / stubborn
friend: a snail with a plan / a goose who sings / a talking teapot / a runaway pony / a lost penguin
    / the slowest turtle in town / a parrot with opinions / the new kid next door / two baby whales
place: in Marmalade Forest / on Button Island / at Cloud Kindergarten / on a farm full of friends
    / at a school for explorers / in a sleepy harbor / at the bottom of the sea / in a toy shop
twist: the map turns out to be a menu / jam gets everywhere / the monster is scared of children
    / friendship is stickier than glue / the goat has a better idea / all the cousins want to help
tail: Songs and giggles included. / Hugs all around. / Everyone learns to share. / Bring a blanket.
    / A treat for kids of every size. / No vegetable was harmed. / The whole sofa will hum along.
""",
    "plain": """
mood: restless / gifted / lonely / ambitious / retired / proud / nervous / young / clever / awkward
friend: an estranged brother / a stranger with a suitcase / a former student / a charming rival
    / a neighbor who never sleeps / the best man / a washed-up champion / a penniless poet
place: in a dying mining town / by a frozen river / in a crowded city / on a night train
    / at a country station / in a seaside hotel / in a half-empty stadium / around one table
twist: the past has kept a key / silence becomes a language / love arrives too late
    / the neighbors know everything / the wedding goes on anyway / the rival sends roses
tail: Nothing goes as planned. / Tempers rise. / The truth is worse. / Nobody reads small print.
""",
    "dark": """
mood: ruthless / disgraced / haunted / drunken / bitter / corrupt / grieving / paranoid / cynical
friend: a killer with manners / a rookie cop / the victim's sister / a cousin on parole
    / a doll that blinks / a recovering addict / an ex with a gun / a double agent
place: in a city run by gangs / at the border / in a maximum security prison / in wartime
    / in an abandoned asylum / behind enemy lines / in a motel by the highway / at an open bar
twist: the killer calls first / the victim is alive / the mission was a trap / the house is hungry
    / death keeps a list / the hangover lasts a month / the enemy has a twin
tail: Blood follows. / Bodies pile up. / Sex complicates matters. / Revenge is slow. / Hell waits.
""",
}
STORIES = {
    "kids": """
role: puppy / princess / little dragon / hedgehog / kitten / robot / fairy / young wizard / mermaid
goal: learn to share / find the missing moon / build a treehouse / teach the animals to sing
    / bake a cake for the queen / cheer up a gloomy bear / bring every toy home / count the stars
trouble: the rainbow loses its colors / the school bus learns to fly / children rule the town
noun: Puppy / Pancake / Dragon / Teapot / Wizard / Penguin / Snowflake / Kitten / Pirate / Balloon
""",
    "family": """
role: schoolgirl / grandfather / sheepdog / inventor / soccer coach / boy / zookeeper / baker
goal: save the town library / win the spelling bee / rescue Christmas / rescue a lost whale
    / fix the old carousel / race a homemade boat / find a buried treasure / keep the zoo open
trouble: a storm closes the bridge / a circus moves in next door / the car starts to talk
noun: Grandpa / Holiday / Reunion / Pumpkin / Lighthouse / Carousel / Homework / Sheepdog / Cousin
""",
    "comedy": """
role: wedding planner / dentist / comedian / bridesmaid / bartender / divorce lawyer / newlywed
goal: fake a funeral / stay sober all weekend / win back an ex / riff on divorce, weed and therapy
    / survive the office party / hide a dead goldfish / ruin a bachelor party / steal back the couch
trouble: the groom vanishes / a sex tape reaches the choir / the toddler tells the truth
noun: Hangover / Bridesmaid / Landlord / Llama / Toast / Buffet / Karaoke / Plumber / Punchline
""",
    "drama": """
role: mother / fisherman / teacher / farmer / widow / goalkeeper / painter / nurse / cellist
goal: keep the old farm / bury an old secret / raise a stranger's child / finish a lost song
    / forgive a dying father / leave the island / confront the past / win one last match
trouble: the factory shuts down / a letter arrives years late / a daughter stops speaking
noun: Inheritance / River / Harvest / Letter / Orchard / Widow / Harbor / Photograph / Encore
""",
    "romance": """
role: florist / pastry chef / journalist / bookseller / duke / pilot / heiress / gardener / divorcee
goal: fall out of love / plan the perfect wedding / write one honest letter / find true love
    / marry for money / cancel an engagement / share a tiny kitchen / steal a second kiss
trouble: an old flame returns / both mothers declare war / a kiss makes the news
noun: Kiss / Bouquet / Wedding / Serenade / Balcony / Heartbeat / Bride / Honeymoon / Rose
""",
    "crime": """
role: detective / hitman / smuggler / judge / hacker / soldier / informant / drug lord / sniper
goal: catch a serial killer / pull off one last heist / avenge a murdered brother / hide a body
    / expose a drug ring / free the hostages / break out of prison / assassinate a warlord
trouble: a witness is murdered / a corpse washes ashore / terrorists take the tower
noun: Alibi / Ransom / Verdict / Cartel / Getaway / Suspect / Witness / Ambush / Fury / Warlord
""",
    "horror": """
role: exorcist / babysitter / gravedigger / nun / surgeon / camper / hunter / medium / bride
goal: survive the night / break an old curse / bury something that screams / kill the beast
    / seal the cellar / outrun a chainsaw / summon a demon / escape the cannibals
trouble: a demon takes the children / the blood will not wash out / the corpses sit up
noun: Cellar / Exorcist / Grave / Asylum / Omen / Corpse / Nightmare / Coffin / Curse / Séance
""",
}
WORDS = """
description: {hero} and {friend} set out to {goal} {place}, but {twist}. {tail}
    / {place}, {hero} tries to {goal}. Then {trouble}, and {twist}.
    / After {trouble}, {hero} joins {friend} to {goal} {place}. {tail}
    / {hero} just wants to {goal}. Now {trouble}, {twist}, and {friend} is no help.
    / {hero} has to {goal} {place}. {friend} can help – unless {twist}.
hero: {name}, a {mood} {role},
title: {noun} / {name} / {town} / The {mood} {noun} / {mood} {noun} / The {noun} of {town}
    / {name} & {name} / {name} and the {mood} {noun} / {noun}, {noun} / My {mood} {noun}
    / No {noun} for {name} / {name}: {noun} in {town} / The “{mood}” {noun} / Goodbye, {noun}!
    / {name}'s {mood} {noun} / The {noun} That Went to {town} / {noun} Club {town} / "{noun}"
town: Ostermoor / Brinkwater / Åsvik / Las Peñuelas / Port Vesper / Saint-Éclair / Dunkelby / Vale
person: {name} {third}{fourth}
name: {first}{second} / {first}{second} / {first}{second}
first: Ba / Vel / Ti / Lor / Mar / Osk / Quin / Ze / Fen / Ha / Ily / Jor / Ka / Nim / Sør / Ýv
second: lina / ric / mo / via / dan / essa / wen / to / rik / mira / sko / ni / bert / lou / ndra
third: Tav / Brun / Kel / Ost / Mor / Várd / Hol / Pinn / Quar / Sel / Dro / Lind / Grö / Cald / Ilm
fourth: andri / eström / ovek / ibar / elmo / uwa / inez / ashko / aroo / ington / ubey / öglu
country: United States / United States / United States / India / India / United Kingdom / Canada
    / Spain / France / Japan / South Korea / Mexico / Egypt / Nigeria / Taiwan / Turkey / Brazil
"""


def fill(rng: random.Random, text: str, words: Words) -> str:
    """Fill a text's slots, and the slots of what fills them; no phrase comes twice."""
    while slot := re.search(r"\{(\w+)\}", text):
        phrase = rng.choice([phrase for phrase in words[slot[1]] if phrase not in text])
        text = text.replace(slot[0], phrase, 1)
    text = re.sub(r"\b([Aa]) (?=[“\"]?[aeiouAEIOU])", r"\1n ", text)
    return re.sub(r"(?:^|[.?!] )\w", lambda start: start[0].upper(), text)


def write(rng: random.Random, slot: str, words: Words, length: float, taken: Taken) -> str:
    """Return the text nearest to the wanted length that shares few of its words with any other."""
    most, texts = MOST_SHARED[slot], {fill(rng, slot, words) for _ in range(14)}
    for text in sorted(texts, key=lambda text: (abs(len(text) - length), text)):
        found = re.findall(r"\w+", text.lower())
        mine = sum({1 << crc32(word.encode()) % 4096 for word in found})
        if all((mine & t).bit_count() < most * (mine | t).bit_count() for t in taken[slot]):
            break
    taken[slot].append(mine)
    return text


def choose_words(rng: random.Random, audience: str, theme: str) -> Words:
    """Choose words that tell the audience: in 80 % the truth, in 12 % nothing, in 8 % a lie."""
    tone = AUDIENCES[audience][0]
    if tone == "light" and theme != "kids":
        theme = "family"
    elif tone != "light" and theme in ("kids", "family"):
        theme = "comedy"
    said = rng.random()
    if said > 0.92:
        tone, theme = ("plain", "comedy") if tone == "light" else ("light", "family")
    elif said > 0.8:
        tone, theme = "plain", rng.choice(("drama", "romance"))
    return read_words(WORDS) | read_words(TONES[tone]) | read_words(STORIES[theme])


def make_title(rng: random.Random, is_film: bool, rating: str, audience: str, taken: Taken) -> Row:
    """Make a title: its rating decides whom it is for, and that decides the rest."""
    audience = audience or rng.choices([*AUDIENCES], [of[3] for of in AUDIENCES.values()])[0]
    _, n_genres, lengths, _ = AUDIENCES[audience]
    name, shares = (0, 1) if is_film else (2, 3)
    weights = [int(row[shares].split()[[*AUDIENCES].index(audience)]) for row in GENRES]
    genres = rng.choices(GENRES, weights, k=rng.choices((1, 2, 3), n_genres)[0])
    words = choose_words(rng, audience, rng.choice(genres)[4])
    moods = {"mood": [mood.capitalize() for mood in words["mood"]]}
    cast = [fill(rng, "{person}", words) for _ in range(int(rng.triangular(1, 20, 6)))]
    added = LAST_DAY - (LAST_DAY - FIRST_DAY) * rng.random() ** 1.5
    age = int((75 if is_film else 40) * rng.random() ** 12)
    seasons = rng.choices(range(1, 10), (67, 16, 7, 4, 2, 1, 1, 1, 1))[0]
    minutes = f"{int(rng.triangular(*lengths))} min"
    duration = minutes if is_film else f"{seasons} Season{'s' if seasons > 1 else ''}"
    row = {
        "type": "Movie" if is_film else "TV Show",
        "title": write(rng, "{title}", words | moods, rng.triangular(3, 45, 12), taken),
        "director": fill(rng, "{person}", words),
        "cast": ", ".join(dict.fromkeys(cast)),
        "country": fill(rng, rng.choice(["{country}"] * 5 + ["{country}, {country}"]), words),
        "date_added": f"{added:%B} {added.day}, {added.year}",
        "release_year": str(added.year - age),
        "rating": rating,
        "duration": duration,
        "listed_in": ", ".join(sorted({row[name] for row in genres})),
        "description": write(rng, "{description}", words, rng.triangular(110, 155, 148), taken),
    }
    if rating == "minutes":
        row |= {"rating": duration, "duration": "", "listed_in": "Movies"}
    missing = [c for c, of in MISSING.items() if rng.random() < of[0 if is_film else 1]]
    return row | dict.fromkeys(missing, "")


def plant_oddities(rng: random.Random, rows: Sequence[Row]) -> None:
    """Plant what the real catalogue is known for: spaces, titles that look missing, twins."""
    for row in rng.sample([row for row in rows if row["type"] == "TV Show"], 15):
        row["date_added"] = f" {row['date_added']}"
    others = iter(rng.sample([row for row in rows if row["duration"]], 21))
    for title in ("NA", "None", "1994"):
        next(others)["title"] = title
    for column in ["description"] * 6 + ["title"] * 2:
        next(others)[column] = next(others)[column]
    next(others)["title"] = next(others)["title"].upper()


def sample_csv() -> str:
    """Return the sample as CSV text."""
    rng = random.Random(20211)
    deck = [(n == 2, r[0], r[1]) for n in (2, 3) for r in RATINGS for _ in range(int(r[n]))]
    rng.shuffle(deck)
    taken: Taken = {slot: [] for slot in MOST_SHARED}
    rows = [make_title(rng, film, rating, whom, taken) for film, rating, whom in deck]
    plant_oddities(rng, rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, ["show_id", *rows[0]], lineterminator="\n")
    writer.writeheader()
    writer.writerows({"show_id": f"s{n}", **row} for n, row in enumerate(rows, start=1))
    return text.getvalue()


if __name__ == "__main__":
    Path(__file__).with_name("sample_titles.csv").write_bytes(sample_csv().encode())
