"""What the sample's invented films and series are about, if they tell a story.

``{slot}`` stands for any phrase of that name; see `tasks.sample.vocabulary`.
"""

from collections.abc import Mapping

from tasks.sample.vocabulary import Phrases, read_phrases

_STORY = read_phrases("""
hero: a {mood} {role}
frame: {hero} and {friend} set out to {goal} {place}, but {twist}. {tail}
    / When {trouble}, {hero} has to {goal} {place} before {deadline}. {tail}
    / {place}, {hero} tries to {goal}. Then {trouble}, and {twist}.
    / After {trouble}, {hero} joins {friend} to {goal} {place}. {tail}
    / Sworn to {goal}, {hero} calls on {friend}. Soon {twist}. {tail}
    / {hero} just wants to {goal}. Now {trouble}, {twist}, and {friend} is no help.
    / {friend} dares {hero} to {goal} {place}, whereupon {twist}. {tail}
    / One {season}, {hero} plans to {goal} {place}. {friend} objects, and {twist}.
    / {hero} has to {goal} before {deadline}. {friend} can help – unless {twist}.
    / It begins {place}: {trouble}, {hero} vows to {goal}, and {twist}. {tail}
""")

STORIES: Mapping[str, Phrases] = {
    "kids": {
        **_STORY,
        **read_phrases("""
role: puppy / princess / little dragon / hedgehog / baby elephant / kitten / robot / fairy
    / penguin / tractor / young wizard / mermaid / duckling
friend: a snail with a plan / a goose who sings / a grumpy teddy bear / a talking teapot
    / a bat afraid of the dark / the slowest turtle in town / a ghost who loves pancakes
goal: learn to share / find the missing moon / win the snowball contest / build a tall treehouse
    / teach the animals to sing / bake a cake for the queen / cheer up a gloomy whale
    / bring every toy home / count all the stars / save the magical garden / throw a surprise party
place: in Marmalade Forest / on Button Island / at Cloud Kindergarten / in a magical kingdom
    / at the bottom of the sea / on a farm full of friends / at the animal school / in a toy shop
trouble: the rainbow loses its colors / the school bus learns to fly / the carrots go on strike
    / a wizard hides the bedtime stories / the castle fills with lemonade / children rule the town
    / the moon sticks in a tree / every pillow goes missing / the elephant gets the hiccups
twist: the map turns out to be a menu / the dragon only wants a hug / jam gets everywhere
    / the magic wand is a carrot / a sneeze ruins everything / friendship is stickier than glue
    / the monster is scared of children / nobody remembers the magic word
noun: Puppy / Pancake / Dragon / Marmalade / Teapot / Wizard / Penguin / Snowflake / Kitten
    / Button / Pirate / Balloon / Gingerbread / Treehouse
"""),
    },
    "family": {
        **_STORY,
        **read_phrases("""
role: schoolgirl / grandfather / sheepdog / inventor / soccer coach / boy / stepmother / zookeeper
    / scout leader / baker / teacher / young knight
friend: a runaway pony / a retired astronaut / a parrot with opinions / a rival from school
    / an uncle who skips instructions / a very small detective / the new kid next door
goal: save the town library / win the spelling bee / bring the family home / rescue a lost whale
    / fix the old carousel / race a homemade boat / find a buried treasure / train a hopeless dog
    / rescue Christmas / keep the zoo open / adopt nine kittens / grow a prize pumpkin
place: in a sleepy harbor / at a school for explorers / on a road trip / on a magical island
    / at a snowed-in airport / in a village of inventors / at a crowded family reunion
trouble: a storm closes the bridge / the mayor cancels the holiday / the pumpkin escapes
    / the principal becomes a goat / a circus moves in next door / the family car starts to talk
    / the treasure map gets baked in a pie / two hundred children need a bus
twist: the parrot knows the password / grandma was a spy / the goat has a better idea
    / the dog gets elected / all the cousins want to help / the prize is a lifetime of soup
    / the villain only needs friends / home was next door all along
noun: Grandpa / Holiday / Reunion / Pumpkin / Lighthouse / Carousel / Compass / Homework / Sheepdog
    / Cousin / Birthday / Recess / Treasure / Snowman
"""),
    },
    "comedy": {
        **_STORY,
        **read_phrases("""
role: wedding planner / dentist / accountant / magician / bridesmaid / bartender
    / real estate agent / professor / plumber / weatherman / divorce lawyer / bachelor
friend: a roommate without pants / a very honest psychic / the boss's mother / an ex with a van
    / a cousin on parole / a bored millionaire / the worst waiter in town
goal: fake a funeral / stay sober all weekend / win back an ex / crash a wealthy wedding
    / survive the office party / sell a haunted condo / hide a dead goldfish / get rich by Friday
    / ruin a bachelor party / steal back the couch / lie to the whole town
place: in a motel by the highway / on a cruise for singles / at a nude beach / in a cheap casino
    / at a class reunion / in the suburbs / at an open bar
trouble: the in-laws move in / a sex tape reaches the church choir / the groom vanishes
    / the lottery ticket is eaten / a llama takes a hostage / the toddler tells the truth
    / the pills were not vitamins / the landlord dies on the sofa
twist: the priest wants a cut / everyone sleeps with the dentist / the llama presses charges
    / the lie goes viral / the bride takes the car / the hangover lasts a month
    / the corpse is only asleep / mother approves
noun: Hangover / Bridesmaid / Houseguest / Alibi / Landlord / Ex-Fiancé / Overtime / Llama / Toast
    / Buffet / Karaoke / Plumber / Refund
"""),
    },
    "drama": {
        **_STORY,
        **read_phrases("""
role: mother / fisherman / teacher / farmer / widow / lighthouse keeper / painter / nurse / tailor
    / priest / son / seamstress / railway clerk
friend: an estranged brother / a stranger with a suitcase / a neighbor who never sleeps
    / a child nobody claims / a former student / the village doctor / a father back from the war
goal: keep the old farm / bury an old secret / raise a stranger's child / leave the island
    / forgive a dying father / finish a letter / sell the house / reopen the village cinema
    / confront the past / begin a new life / protect a daughter
place: in a dying mining town / by a frozen river / in a crowded city / at the edge of a desert
    / in wartime / in a house with too many rooms / at a country station
trouble: the factory shuts down / a letter arrives forty years late / the harvest fails
    / an inheritance splits the brothers / the river takes the bridge / a daughter stops speaking
    / the war comes home / a photograph disappears
twist: the past has kept a key / silence becomes a language / forgiveness has a price
    / the neighbors know everything / love arrives too late / the house remembers
    / grief turns out to be contagious / the secret belongs to someone else
noun: Inheritance / River / Stepdaughter / Harvest / Letter / Orchard / Hourglass / Widow / Harbor
    / Ash / Photograph / Widower / Windowsill
"""),
    },
    "romance": {
        **_STORY,
        **read_phrases("""
role: florist / cellist / pastry chef / journalist / bookseller / duke / pilot / heiress / divorcee
    / matchmaker / gardener / translator
friend: a charming rival / the best man / a penniless poet / a first love / a pen pal
    / an arrogant architect / the wrong bride
goal: fall out of love / plan the perfect wedding / write one honest love letter / find true love
    / marry for money / cancel an engagement / share a tiny kitchen / steal a second kiss
    / fake a marriage / keep a promise made at nine
place: in a seaside hotel / on a night train / in a Paris bakery / at a vineyard / in a flower shop
    / on a rooftop in the rain / in a bookshop without customers
trouble: the wedding cake walks out / an old flame returns / both mothers declare war
    / the love letters get mixed up / two dates share one table / the ring falls into the soup
    / a kiss makes the news
twist: love refuses to cooperate / the matchmaker falls first / the rival sends roses
    / nobody wants the ring / the wedding goes on anyway / jealousy moves in
    / the heart has a prior engagement
noun: Kiss / Bouquet / Wedding / Valentine / Serenade / Balcony / Heartbeat / Bride / Elopement
    / Honeymoon / Rose / Rendezvous
"""),
    },
    "crime": {
        **_STORY,
        **read_phrases("""
role: detective / hitman / smuggler / judge / hacker / forger / prison guard / gangster / informant
    / forensic accountant / safecracker / drug lord
friend: a partner on the take / a killer with manners / the victim's sister / a crooked lawyer
    / a rookie cop / a dealer turned florist / the mob's accountant
goal: catch a serial killer / pull off one last heist / avenge a murdered brother / hide a body
    / expose a drug ring / break out of prison / frame the chief of police / pay a violent debt
    / find a kidnapped child / rob the only bank
place: in a city run by gangs / on the docks / in a maximum security prison / at the border
    / in a suburb full of secrets / behind a respectable bakery / in a failing casino
trouble: a witness is murdered / a corpse washes ashore / the ransom is counterfeit
    / a bomb stops the trial / the cartel wants a refund / an old murder case is reopened
    / the diamonds turn up in a lunchbox
twist: the killer calls first / the evidence has teeth / the victim is alive / the crime is a decoy
    / the detective becomes the suspect / the gun was never loaded / the boss knows everything
noun: Alibi / Ransom / Informer / Verdict / Cartel / Getaway / Suspect / Fingerprint / Witness
    / Hitman / Safecracker / Evidence / Lookout
"""),
    },
    "horror": {
        **_STORY,
        **read_phrases("""
role: exorcist / babysitter / gravedigger / nun / surgeon / radio host / camper / hunter / medium
    / taxidermist / caretaker / bride
friend: a doll that blinks / a preacher with no shadow / the last survivor
    / a child who sees ghosts / a masked stranger / a possessed twin / the undertaker
goal: survive the night / break an old curse / bury something that screams / kill the beast
    / seal the cellar / outrun a chainsaw / summon a demon / escape the asylum
    / feed the thing below
place: in an abandoned asylum / in a cabin without doors / in a cursed village
    / under the old mill / in a funeral home / on a deserted ferry / in a house that breathes
trouble: the dead start knocking / a demon takes the children / the blood will not wash out
    / something crawls out of the well / the killer returns / the corpses sit up
    / a ritual goes wrong
twist: the house is hungry / the scream comes from inside / death keeps a list
    / the monster was family / the mirror fights back / the grave is empty
    / the violence has only begun
noun: Cellar / Exorcist / Cobweb / Grave / Asylum / Omen / Corpse / Candlestick / Nightmare
    / Coffin / Curse / Séance / Undertaker
"""),
    },
    "action": {
        **_STORY,
        **read_phrases("""
role: mercenary / agent / samurai / bodyguard / pilot / soldier / bounty hunter / getaway driver
    / boxer / sniper / sheriff / sea captain
friend: a double agent / a hostage who will not be quiet / a traitor with a map
    / a demolition expert / a rival warrior / the general's daughter / a one-armed mechanic
goal: stop a nuclear train / free the hostages / defend the last bridge / steal a tank
    / assassinate a warlord / rescue a kidnapped minister / protect a princess / win a deadly race
    / sink the pirate fleet / cross the minefield
place: in a burning city / behind enemy lines / on a hijacked plane / in the jungle
    / on the frontier / aboard a sinking submarine / at a martial arts contest
trouble: the convoy is ambushed / terrorists take the tower / the empire burns the village
    / the bomb starts counting / the warlord wants a duel / a traitor sells the codes
    / the brakes explode
twist: the enemy has a twin / the mission was a trap / the helicopter is out of fuel
    / the hostage takes command / loyalty runs out of bullets / the war is already over
noun: Ambush / Fury / Bullet / Warlord / Drawbridge / Vengeance / Convoy / Strike / Samurai
    / Mutiny / Gunpowder / Bounty
"""),
    },
    "fantasy": {
        **_STORY,
        **read_phrases("""
role: astronaut / clone / witch / time traveler / android / sorcerer / space cadet / prophet
    / swordsman / scientist / superhero / alien
friend: a robot with feelings / a banished elf / a very old computer / a vampire on a diet
    / a copy from the future / an alien exchange student / a talking sword
goal: repair the broken moon / reach the last colony / win a magical tournament / undo the future
    / steal fire from a god / wake the frozen crew / close a portal / graduate from wizard college
    / defeat the machine army / pay for a spaceship
place: on a distant planet / in a kingdom of glass / aboard a lost starship / in a city of machines
    / at an academy of sorcery / in the year 3021 / in a parallel kitchen
trouble: the sun goes out on a Thursday / the robots demand weekends / a portal opens at lunch
    / the king is turned to stone / an alien fleet asks for directions / time runs backward
    / the prophecy has a typo
twist: the future files a complaint / the chosen one resigns / magic has side effects
    / the aliens are tourists / the android dreams of revenge
    / the universe is smaller than it looks
noun: Starship / Prophecy / Portal / Android / Orbit / Sorcerer / Meteor / Spellbook / Wormhole
    / Cyborg / Comet / Oracle / Nebula
"""),
    },
    "stage": {
        **_STORY,
        **read_phrases("""
role: drummer / wrestler / ballerina / goalkeeper / rapper / opera singer / cyclist / coach
    / street dancer / boxer / violinist / swimmer
friend: a washed-up champion / a manager who cannot count / a rival band / a blind referee
    / a choir of plumbers / an understudy / a tone-deaf sponsor
goal: win the championship / finish a lost song / return to the stage / dance one last time
    / beat the home team / go on tour / break a world record / start a garage band
    / pay for a grand piano
place: in a half-empty stadium / on a national tour / at a music academy / at the city opera
    / in a boxing gym / on a borrowed stage / at the winter games
trouble: the lead singer loses a voice / the team bus breaks down / the record company calls
    / an injury ends the season / the piano falls off the truck / the trophy is stolen
twist: the crowd sings a different tune / the encore lasts all night / the underdog bites
    / the judges are asleep / fame comes with a bill / the last goal counts double
noun: Encore / Overtime / Rhythm / Champion / Ballad / Goalkeeper / Drummer / Soundcheck / Sprint
    / Melody / Knockout / Anthem
"""),
    },
}
