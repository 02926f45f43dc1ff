"""The words of the embedded sample: a small grammar of invented films and series.

Everything here was made up for the sample. ``{slot}`` stands for any phrase of that name, ``/``
separates phrases. A theme gives what a story is about, a tone gives how it is told; the generator
(`tasks.sample`) decides which titles get which.
"""

import re
from collections.abc import Mapping

Phrases = Mapping[str, tuple[str, ...]]

_SLOT_NAME = re.compile(r"^\s*(\w+):\s", flags=re.MULTILINE)


def read_phrases(text: str) -> Phrases:
    """Read blocks of ``slot: phrase / phrase / ...``; a block may run over several lines."""
    parts = _SLOT_NAME.split(text)[1:]
    blocks = (" ".join(block.split()) for block in parts[1::2])
    return {
        slot: tuple(phrase.strip() for phrase in block.split("/"))
        for slot, block in zip(parts[0::2], blocks, strict=True)
    }


TONES: Mapping[str, Phrases] = {
    "light": read_phrases("""
mood: curious / cheerful / plucky / shy / giggling / brave / clumsy / sleepy / kind / stubborn
    / polite / hopeful / bashful / tiny / helpful / lively
deadline: bedtime / the birthday party / the first snow / the school fair / breakfast / the parade
    / summer camp ends / the holidays / grandma wakes up
tail: Songs and giggles included. / Hugs all around. / Bring a blanket. / Everyone learns to share.
    / A treat for kids of every size. / Friends make it fun. / Animated with love.
    / The whole sofa will hum along. / No vegetable was harmed. / The ending is worth a cheer.
season: spring / snowy winter / rainy Tuesday / summer vacation / school holiday / Christmas
"""),
    "plain": read_phrases("""
mood: restless / gifted / lonely / ambitious / retired / forgetful / proud / nervous / young
    / homesick / clever / awkward / penniless / patient / famous / unlucky
deadline: Monday / the wedding / the bank opens / the ferry leaves / the final exam / the monsoon
    / harvest / the election / the neighbors notice
tail: Nothing goes as planned. / Tempers rise. / The truth is worse. / Tea is served.
    / Hearts break. / Every village has one. / Old friends are not amused. / Something has to give.
    / Nobody reads the small print.
season: autumn / long summer / stormy weekend / leap year / sleepless week / wedding season
"""),
    "dark": read_phrases("""
mood: ruthless / disgraced / haunted / drunken / bitter / corrupt / grieving / reckless / jaded
    / desperate / divorced / paranoid / cynical / hungover / vengeful / armed
deadline: the police do / the next body turns up / the drugs run out / the trial / the cartel
    / the poison works / dawn / the last witness talks / the debt is due
tail: Blood follows. / Nobody leaves clean. / The bodies pile up. / Sex complicates matters.
    / Someone has a gun. / Revenge is slow. / Strong language, weak alibis. / Hell sends flowers.
    / The hangover is brutal.
season: bloody winter / night of drinking / savage summer / lawless weekend / wake
"""),
}

NONFICTION: Mapping[str, Phrases] = {
    "nature": read_phrases("""
frame: This {work} follows {subject} {place}, where {wonder}. {closing}
    / From {place2} to {place2}, {expert} explores how {wonder}, and why {wonder}.
    / {expert} travels to {place2} to meet {subject} and to learn why {wonder}. {closing}
    / {wonder}. {wonder}. With {subject}, {expert} shows what {place2} can teach us all.
subject: a colony of penguins / a village of bakers / the bees of a hillside / a beekeeping class
    / seven wild horses / the gardeners of a rooftop / a choir of retirees / a family of otters
    / three lighthouse keepers / a class of young astronomers / the cooks of a night market
expert: a patient biologist / a traveling chef / a retired pilot / an ocean explorer
    / a historian of cheese / a poet with a telescope / a teacher and a tortoise
place: over four seasons / on a quiet island / in a changing climate / along an ancient road
    / in a rain forest / at the edge of the ice / on a hillside farm
place2: the deep ocean / a mountain monastery / the kitchens of the coast / a village school
    / the longest river / the oldest garden / a city of bicycles / the edge of space
wonder: bread brings strangers together / whales compose new songs / a forest remembers fire
    / children plant a desert / stars guide the beetles home / soup is older than kings
    / glaciers move faster than post / every animal has a job
closing: Breathtaking and slow. / Bring a snack. / The otters steal the show. / Wonder is free.
    / Narrated by nobody in particular.
noun: Ocean / Glacier / Bread / Migration / Garden / Orbit / Whale / Volcano / Beekeeper / Moss
    / Voyage / Kitchen
"""),
    "inquiry": read_phrases("""
frame: This {work} reopens {case} {place}, where {finding}. {closing}
    / {witness} and {witness} revisit {case}, and {finding}. {closing}
    / With secret tapes and new testimony, {witness} explains {case} {place}: {finding}.
    / Why did {case} take decades to solve? {witness} returns to {place2} and {finding}.
case: a string of murders / the fall of a drug empire / a cult's last summer / a prison riot
    / a billion dollar fraud / the exam scandal of a school / a forgotten massacre
    / a politician's assassination / a war nobody declared / the kidnapping of an heiress
    / a doping conspiracy / the trial of a poisoner
witness: a former detective / the killer's neighbor / a survivor / a disbarred lawyer
    / a war reporter / an undercover agent / the only juror who doubted / a whistleblower
place: in a divided country / behind closed doors / on the border / in a town of good families
    / at the height of a war / in an age of greed
place2: the crime scene / the courtroom / the mass grave / the old prison / the border
finding: the evidence points inward / the police knew / money buried the truth
    / the victims speak at last / the archive is missing a page / violence was the business model
    / everyone had a motive / power protected its own
closing: Justice is late. / No one was innocent. / It is not over. / The tapes are worse.
    / Some names are redacted.
noun: Massacre / Tape / Fraud / Cult / Testimony / Subpoena / Perjury / Cover-Up / Confession
    / Regime / Uprising / Dossier
"""),
    "standup": read_phrases("""
frame: {comic} takes on {topic}, {topic} and {topic} in {set} recorded {venue}. {closing}
    / Live {venue}, {comic} confesses to {topic}, defends {topic} and mourns {topic}. {closing}
    / {comic} returns with {set} about {topic}, {topic} and the quiet horror of {topic}. {closing}
    / No topic is safe: {comic} riffs on {topic}, {topic} and {topic} {venue}. {closing}
comic: a sharp-tongued comic / a soft-spoken comedian / the self-declared worst father alive
    / a comedian fresh out of rehab / a former math teacher / a comic with two passports
    / a late bloomer with a microphone / a reluctant newlywed
topic: bad sex / raising twins / divorce / religion / airport security / aging knees
    / weed brownies / family group chats / dating after forty / politics / therapy / cheap tequila
    / parent meetings / other people's children / nosy uncles / gluten / swearing in church
    / death / other mothers / puberty / online shopping
set: a filthy hour / a gentle hour / an unfiltered set / a confessional set / a rapid-fire special
venue: in a converted slaughterhouse / at a sold-out arena / in a basement without exits
    / on a cruise ship / in front of both ex-wives / at a hometown theater
closing: Nobody is safe. / Front row, beware. / Leave the kids at home. / Mother is in the audience.
    / The heckler wins.
noun: Microphone / Refund / Heartburn / Punchline / Oversharing / Adulting / Divorce / Apology
    / Puberty / Decaf
"""),
    "reality": read_phrases("""
frame: {people} compete {place} for {prize}, but {twist}. {closing}
    / Each week, {people} {task} while {host} watches. {twist}. {closing}
    / {host} gives {people} one week to {task} {place}. The reward: {prize}. {closing}
    / Can {people} {task}? {host} is doubtful, {prize} is at stake, and {twist}.
people: twelve amateur bakers / six feuding designers / ten strangers / eight florists
    / single farmers / nine blacksmiths / five families / four pairs of ex-lovers
    / a dozen young inventors / seven real estate rivals / glassblowers and gardeners
task: renovate a ruined castle / cook for a hundred guests / build a cake that moves
    / live without phones / find love in the dark / decorate a submarine / survive on an island
    / restore vintage trucks / dress a dog for a gala
place: in a remote villa / against the clock / in a kitchen full of cameras / on a tropical beach
    / in a barn / at a county fair
prize: a golden whisk / a suspicious amount of cash / a year of free bread
    / a restaurant of their own / a very large trophy / a second chance
host: a retired chef / a merciless judge / a cheerful carpenter / a grandmother with a whistle
    / a supermodel with a clipboard
twist: alliances crumble / the oven has a mind of its own / an ex arrives by helicopter
    / nobody packed sunscreen / friends become rivals / the icing will not set
closing: Tears and glitter follow. / Only one stays dry. / Sabotage is allowed.
    / The dog wins hearts. / Tempers boil over.
noun: Kitchen / Makeover / Villa / Cupcake / Auction / Showdown / Renovation / Hammock / Matchmaker
    / Bake-Off / Glitter
"""),
    "plain": read_phrases("""
frame: {many} cross paths {place} in a {praise} {work} about {theme}, {theme} and {theme}.
        {closing}
    / A {praise} {work} about {theme} and {theme}, told by {many} over {span}. {closing} {closing}
    / Over {span}, {many} discover that {theme} and {theme} {link} {place}. {closing}
    / Adapted from a novel, this {praise} {work} finds {theme} and {theme} {place}. {closing}
    / {span}, {many}: a {praise} {work} {place} that has much to say on {theme} and {theme}.
    / What do {theme}, {theme} and {theme} have in common? {many} spend {span} {place} to find out.
link: are never far apart / turn up uninvited / weigh the same / keep the same hours
    / answer to the same name / look alike from behind
many: three generations / two strangers / four old friends / several travelers / a whole street
    / half a village / the guests of one hotel
praise: tender / sprawling / award-winning / quiet / puzzling / much-discussed / unhurried
    / handsome / “somewhat true”
theme: memory / belonging / chance / work / loss / hope / family / ambition / distance / growing up
    / money / weather / loyalty / the sea
place: in a changing city / far from home / in the provinces / on the same train / around one table
    / at a café that never closes / between two summers
span: one long night / a single year / ten years / four seasons / three weddings / one election
closing: Stay for the last scene. / Some of it happened. / Opinions differ.
    / Critics wept, then argued. / Patience is rewarded. / The score is by an accordion.
noun: Distance / Tuesday / Corridor / Umbrella / Memory / Window / Elsewhere / Interval / Weather
    / Postcard / Timetable
"""),
}

TITLE_FRAMES = read_phrases("""
frame: {noun} / {place} / {name} / {mood} {noun} / The {mood} {noun} / {place} {noun}
    / {name} & {name} / The {noun} of {place} / {name} and the {mood} {noun}
    / The {mood} {noun} of {place} / {name}'s {mood} {noun} / {noun}, {noun} / My {mood} {noun}
    / No {noun} for {name} / Once Upon a {mood} {noun} / {name}: {noun} in {place}
    / The “{mood}” {noun} / {noun} Club {place} / The {noun} That Went to {place}
    / A {noun} for {name}, a {noun} for {place} / Dear {noun} / {noun} 2
    / {name} vs. the {mood} {noun}s of {place} / How to Lose a {noun} in {place} / "{noun}"
    / {place} Nights: The {mood} {noun} / Who Stole the {noun}? / {name} & the {noun}s
    / The {noun}, the {noun} and the {mood} {noun} / {mood} {name} / Goodbye, {noun}!
    / {noun}: {place}
""")["frame"]

NAMES = read_phrases("""
first: Ba / Vel / Ti / Lor / Mar / Osk / Quin / Ze / Fen / Ha / Ily / Jor / Ka / Nim / Pel / Ru
    / Sør / Ta / Wen / Ýv / Dra / Élo / Gri / Cas
second: lina / ric / mo / via / dan / essa / wen / to / rik / mira / sko / ni / bert / lou / zan
    / ndra
third: Tav / Brun / Kel / Ost / Mor / Várd / Hol / Pinn / Quar / Sel / Dro / Fal / Lind / Zub / Grö
    / Yar / Cald / Ner / Wex / Ilm
fourth: andri / eström / ovek / ibar / elmo / uwa / inez / ashko / aroo / ington / ubey / öglu
    / atani / ever / omir / ensa / quist / amura
place: Ostermoor / Brinkwater / Quillhaven / Åsvik / Las Peñuelas / São Tormento / Kumquat
    / Zeltbad / Port Vesper / Ümlautia / Nowhere / Pellmell / Saint-Éclair / Dunkelby / Tamarisk
    / Lower Wimble / Harrowgate Sound / Mirny Dol / Bel Ombra / Vantaggio
""")
