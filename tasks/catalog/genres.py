"""One vocabulary of genres: the names of other catalogs, translated into this lab's.

Catalogs of the same schema name the same things differently: what one lists as *Children & Family
Movies* is *Family*, *Kids* or *Jeunesse* elsewhere. Rules and models know the names of the catalog
that the lab was made for. Any other name is translated when it is read, by the words and phrases in
it and by whether the title is a film or a series; the longest phrase counts, so that an *Adult
Animation* is no *Animation*. The lab's own names stay as they are, so on its own catalog nothing
changes. The table is prior knowledge of how streaming services file their titles (Netflix, Prime
Video, Disney+, Hulu, Max, Peacock, Apple TV+, Crunchyroll, BBC iPlayer, Canal+, JioHotstar, TMDB,
JustWatch), in English, French, Spanish, German, Portuguese and Italian; nothing in it was fitted.
"""

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import pandas as pd

from tasks.catalog.columns import TITLE_TYPES
from tasks.catalog.text import ranked_counts, split_names, without_accents

FILM, SERIES = TITLE_TYPES
FALLBACK = ("Movies", "TV Shows")

# The lab's name for such films and for such series, and the phrases that tell, without accents.
_THEMES = (
    ("Children & Family Movies", "Kids' TV", """
        kids, kid, children, childrens, child, family, families, animation, animations, animated,
        cartoon, cartoons, preschool, pre school, toddler, toddlers, junior, baby, babies, nursery,
        fairy tale, fairy tales, cbeebies, cbbc, enfant, enfants, jeunesse, famille, familial,
        familiale, dessin anime, dessins animes, infantil, infantiles, ninos, familia, familiar,
        familiares, animacion, dibujos, kinder, familie, kinderfilm, familienfilm, zeichentrick,
        trickfilm, crianca, criancas, infantojuvenil, animacao, desenho, desenhos, bambini,
        ragazzi, famiglia, animazione, cartoni"""),
    ("Anime Features", "Anime Series", """
        anime, animes, shonen, shounen, shojo, shoujo, seinen, josei, isekai, mecha, manga, ecchi,
        slice of life, magical girl"""),
    ("Action & Adventure", "TV Action & Adventure", """
        action, adventure, adventures, superhero, superheroes, super hero, super heroes, comic
        book, western, westerns, survival, disaster, spy, espionage, military, war, war politics,
        martial arts, samurai, swashbuckler, aventure, aventures, guerre, espionnage, arts
        martiaux, accion, aventura, aventuras, belico, belica, guerra, espionaje, artes marciales,
        abenteuer, krieg, kriegsfilm, acao, faroeste, espionagem, azione, avventura, spionaggio"""),
    ("Comedies", "TV Comedies", """
        comedy, comedies, comedic, sitcom, sitcoms, parody, spoof, sketch, buddy, satire, humor,
        humour, mockumentary, slapstick, comedie, comique, comedia, comedias, komodie, komodien,
        commedia, commedie, comico, comica, adult animation, adult animated, adult cartoon, adult
        cartoons, animation for adults, animation adulte, animation adultes, animacion adulta,
        animacion para adultos, animacao adulta, animacao para adultos, animazione per adulti"""),
    ("Stand-Up Comedy", "Stand-Up Comedy & Talk Shows", """
        stand up, standup, stand up comedy, standup comedy, comedy special, comedy specials, one
        man show, one woman show, humoriste, humoristes, roast, monologo, monologos"""),
    ("Movies", "Stand-Up Comedy & Talk Shows", """
        talk, talk show, talk shows, talkshow, late night, chat show, chat shows"""),
    ("Dramas", "TV Dramas", """
        drama, dramas, dramatic, dramedy, melodrama, soap, soaps, soap opera, soap operas,
        telenovela, telenovelas, novela, novelas, medical, biographical, biography, biopic,
        historical, period, legal, family drama, family saga, drame, drames, dramatique,
        historique, biographie, feuilleton, historico, historica, biografico, historisch,
        historienfilm, biografie, dramma, drammi, drammatico, drammatica, storico, biografia, drama
        familiar"""),
    ("Dramas", "Docuseries", "history, histoire, historia, geschichte, storia"),
    ("Dramas", "Teen TV Shows", """
        teen, teens, teenage, teenager, young adult, young adults, high school, coming of age,
        youth, adolescent, adolescents, ado, ados, juvenil, juveniles, adolescente, adolescentes,
        jugend, adolescenti, jovem, jovens"""),
    ("Thrillers", "TV Thrillers", """
        thriller, thrillers, suspense, suspenso, suspence, psychological, political thriller"""),
    ("Thrillers", "Crime TV Shows", """
        crime, crimes, criminal, true crime, police, cop, cops, detective, detectives, procedural,
        gangster, mafia, heist, noir, film noir, policier, policiere, polar, enquete, enquetes,
        crimen, policial, policiaco, policiaca, krimi, krimis, kriminalfilm, poliziesco, giallo,
        crimine"""),
    ("Thrillers", "TV Mysteries", """
        mystery, mysteries, whodunit, mystere, mysteres, misterio, misterios, mistero, misteri"""),
    ("Horror Movies", "TV Horror", """
        horror, slasher, zombie, zombies, vampire, vampires, paranormal, horreur, epouvante,
        terror, grusel, orrore"""),
    ("Sci-Fi & Fantasy", "TV Sci-Fi & Fantasy", """
        fantasy, sci, scifi, science fiction, sciencefiction, speculative, supernatural, cyberpunk,
        dystopia, dystopian, fantastic, fantastique, ciencia ficcion, fantasia, fantastico,
        fantastica, ficcao cientifica, fantascienza"""),
    ("Romantic Movies", "Romantic TV Shows", """
        romance, romances, romantic, romcom, love, love story, erotic, erotica, romantique, amour,
        romantico, romantica, amor, romantik, liebe, liebesfilm, romanze, sentimentale, amore"""),
    ("Documentaries", "Docuseries", """
        documentary, documentaries, documentation, docuseries, docu, doc, docs, docudrama, factual,
        news, current affairs, politics, society, culture, arts, art, education, educational,
        investigative, arts entertainment and culture, arts entertainment culture, documentaire,
        documentaires, actualite, actualites, info, infos, decouverte, reportage, reportages,
        magazine, magazines, societe, documental, documentales, noticias, actualidad, cultura,
        dokumentation, dokumentationen, doku, dokus, dokumentarfilm, dokumentarfilme, nachrichten,
        kultur, documentario, documentarios, documentari, notizie, attualita, jornalismo"""),
    ("Documentaries", "Science & Nature TV", """
        nature, animal, animals, wildlife, science, technology, tech, environment, natural history,
        animaux, animalier, sciences, naturaleza, animales, ciencia, ciencias, natur, tiere,
        wissen, wissenschaft, natureza, animais, natura, animali, scienza"""),
    ("Music & Musicals", "TV Shows", """
        music, musical, musicals, concert, concerts, dance, opera, ballet, musique, comedie
        musicale, danse, musica, musicales, concierto, conciertos, danza, musik, konzert, konzerte,
        tanz, musicale, concerti"""),
    ("Music & Musicals", "Reality TV", "variety, varietes, variedades"),
    ("Sports Movies", "TV Shows", """
        sport, sports, football, soccer, basketball, cricket, wrestling, racing, deporte, deportes,
        deportivo, esporte, esportes, desporto, sportivo"""),
    ("Faith & Spirituality", "TV Shows", """
        faith, spirituality, spiritual, religion, religious, christian, inspirational, devotional,
        mythology, religieux, glaube, fede"""),
    ("LGBTQ Movies", "TV Shows", "lgbt, lgbtq, lgbtqia, lgbtqi, gay, lesbian, queer, bisexual"),
    ("Independent Movies", "TV Shows", """
        arthouse, art house, independent, indie, indies, auteur, cinema d auteur, art et essai,
        independiente, cine independiente, independente, indipendente"""),
    ("Cult Movies", "Classic & Cult TV", "cult, cult classic, cult classics, culte, de culto"),
    ("Classic Movies", "Classic & Cult TV", """
        classic, classics, silent, vintage, golden age, classique, classiques, clasico, clasicos,
        klassiker, classico, classici, classicos"""),
    ("Movies", "Reality TV", """
        reality, unscripted, game, game show, game shows, quiz, competition, contest, talent,
        reality show, entertainment, telerealite, tele realite, divertissement, jeu, jeux,
        concurso, concursos, telerrealidad, entretenimiento, entretenimento, unterhaltung,
        intrattenimento"""),
    ("Documentaries", "Reality TV", """
        lifestyle, cooking, food, travel, home, garden, diy, how to, makeover, design, fashion,
        beauty, fitness, health, wellness, yoga, workout, exercise, cuisine, voyage, voyages,
        cocina, viajes, estilo de vida, kochen, reise, reisen, culinaria, viagem, viagens, cucina,
        viaggi"""),
    ("International Movies", "International TV Shows", """
        international, foreign, world cinema, foreign language, european, asian, latino, latin,
        bollywood, nollywood, chinese, japanese, turkish, indian, african, french, german, italian,
        etranger, internacional, internacionales, internacionais, extranjero, internazionale"""),
    ("International Movies", "British TV Shows", "british, uk, britbox"),
    ("International Movies", "Korean TV Shows", "korean, k drama, kdrama, k dramas"),
    ("International Movies", "Spanish-Language TV Shows", "spanish, spanish language"),
    (*FALLBACK, """
        anthology, special interest, special, specials, short, shorts, short film, miniseries, mini
        series, limited series, movie, movies, film, films, feature, tv, television, tv movie,
        series, serie, serien, show, shows, program, programs, programme, programmes, original,
        originals, general, other, others, various, holiday, holidays, christmas, black stories,
        pelicula, peliculas, cine, cinema, filme, filmes, spielfilm, awards, archive, event,
        events"""),
)  # fmt: skip
_COMMA_NAMES = (
    "Arts, Entertainment, and Culture",
    "Arts, Entertainment & Culture",
    "Arts, Culture & Society",
    "Action, Adventure & Fantasy",
    "Crime, Mystery & Thriller",
    "Crime, Mystery & Suspense",
    "Faith, Religion & Spirituality",
    "Food, Home & Garden",
    "Food, Drink & Travel",
    "Gay, Lesbian & Bisexual",
    "Lesbian, Gay, Bisexual & Transgender",
    "Health, Fitness & Wellness",
    "Home, Garden & DIY",
    "News, Politics & Society",
    "News, Talk & Politics",
    "Mystery, Crime & Thriller",
    "Mystery, Thriller & Suspense",
    "Sci-Fi, Fantasy & Horror",
    "Sci-Fi, Fantasy & Supernatural",
    "Science, Nature & Technology",
    "Travel, Food & Lifestyle",
)
"""Names with commas in them, which would be taken for several where commas separate names."""

GENRES = frozenset(name for theme in _THEMES for name in theme[:2])
"""Every genre that rules and models know."""
_BY_PHRASE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        " ".join(phrase.split()): (film, series)
        for film, series, phrases in _THEMES
        for phrase in phrases.split(",")
    }
)
_LONGEST = max(phrase.count(" ") + 1 for phrase in _BY_PHRASE)
_COMMA_NAME = re.compile(
    rf"(?:^|(?<=,))\s*({'|'.join(map(re.escape, _COMMA_NAMES))})\s*(?=,|$)", re.IGNORECASE
)


def common_genres(listed_in: pd.Series, types: pd.Series) -> pd.Series:
    """Translate cells of genres, each by the type of its title; whatever is no show is a film.

    Each name comes once and in order; names that tell nothing and missing cells stay as they are.
    """
    cells = zip(listed_in.tolist(), (types == SERIES).tolist(), strict=True)
    names = [_translate(cell, series) if isinstance(cell, str) else None for cell, series in cells]
    return pd.Series(names, index=listed_in.index, dtype="str", name=listed_in.name)


def count_genres(listed_in: pd.Series) -> tuple[int, int, pd.Series]:
    """Count the lab's own names in all cells, the translated ones, and each of the others.

    Of the others a Series of int64 by name: the most frequent first, then by the alphabet.
    """
    names = Counter(name for cell in listed_in.dropna().tolist() for name in split_genres(cell))
    unmapped = {n: titles for n, titles in names.items() if n not in GENRES and not _themes(n)}
    own = sum(titles for name, titles in names.items() if name in GENRES)
    others = ranked_counts(unmapped)
    return own, sum(names.values()) - own - int(others.sum()), others


@lru_cache(maxsize=100_000)
def split_genres(cell: str) -> tuple[str, ...]:
    """Return the genres that a cell names, each once; a name may have commas in it."""
    cell = _COMMA_NAME.sub(lambda name: name[1].replace(",", "\0"), cell)
    return tuple(dict.fromkeys(name.replace("\0", ",") for name in split_names(cell)))


@lru_cache(maxsize=100_000)
def _translate(cell: str, is_series: bool) -> str:
    known = (name for listed in split_genres(cell) for name in _known(listed, is_series))
    return ", ".join(dict.fromkeys(known))


def _known(name: str, is_series: bool) -> list[str]:
    if name in GENRES:
        return [name]
    return [theme[is_series] for theme in _themes(name)] or [name.replace(",", "")]


@lru_cache(maxsize=100_000)
def _themes(name: str) -> tuple[tuple[str, str], ...]:
    """Return what the longest phrases in a name speak of; what says little only if nothing else."""
    words = re.findall(r"\w+", without_accents(name.casefold()))
    found, start = [], 0
    while start < len(words):
        ends = range(min(len(words), start + _LONGEST), start, -1)
        end = next((end for end in ends if " ".join(words[start:end]) in _BY_PHRASE), None)
        if end:
            found.append(_BY_PHRASE[" ".join(words[start:end])])
        start = end or start + 1
    telling = [theme for theme in found if theme != FALLBACK]
    return tuple(dict.fromkeys(telling or found))
