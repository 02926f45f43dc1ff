"""The words that rules listen for in titles and descriptions; ``*`` stands for any ending.

Words tell what a story is about and not how it is told. Lists behind strong rules are narrow
(``rape*``, ``raunchy``); those behind hints may be wide (``wife``, ``siblings``), since a hint
decides only where nothing else speaks.
"""

from tasks.label.conditions import keywords

CHILDREN = keywords("""
    kid, kids, kiddo*, toddler*, preschool*, kindergarten*, nursery, lullab*, bedtime, playtime,
    playground*, sing-along*, singalong*, cartoon*, puppet*, little ones, young viewers,
    young heroes, fun for all ages, fun-loving, whole family, family-friendly, summer camp,
    animated series, animated film, animated adventure*, tween, tweens
""")
BRANDS = keywords("""
    barbie, lego, pokemon, my little pony, equestria, paw patrol, peppa pig, power rangers,
    transformers, scooby-doo, sesame street, strawberry shortcake, dreamworks, disney*, pixar,
    nickelodeon, spongebob, dora, bob the builder, thomas & friends, care bears, monster high,
    polly pocket, hello kitty, smurf*, mickey mouse, muppet*, teletubbies, pj masks, super wings,
    octonauts, looney tunes, dr. seuss, shaun the sheep, beyblade, winx club, littlest pet shop,
    ever after high, how to train your dragon, hot wheels, skylanders, chhota bheem
""")
LEARNING = keywords("""
    abcs, alphabet, shapes, colors, counting, nursery rhyme*, learns, learn about, learn how,
    learns to, life lesson*, lessons, problem-solv*, imagination*, imaginative, curious, curiosity,
    kindness, sharing, teamwork, friendship, fun facts, science experiments, classroom,
    kindhearted, big-hearted, educational, inventions, inventor, make-believe
""")
PLAYFUL = keywords("""
    adventure*, quest, pals, buddies, best friends, hijinks, high jinks, mischie*, silly, zany,
    wacky, whimsical, goofy, save the day, saves the day, saving the day, team up, rescue team,
    rescue mission*, magic, heroes, fun, funny, playful, cheerful, sleepover*, clumsy, plucky,
    spunky, amusement park, theme park, circus, songs, sing, sings, musical adventure*, dreams
""")
MAKE_BELIEVE = keywords("""
    magical, enchanted, fairy, fairies, fairytale*, fairyland, unicorn*, mermaid*, dragon*,
    princess*, wizard*, genie*, elf, elves, superhero*, dinosaur*, pirate*, toy, toys,
    treasure hunt*, talking, robot, robots, superpower*, aliens, alien, gnome*, giants, kingdom,
    trolls, yeti, bigfoot
""")
ANIMAL_FRIENDS = keywords("""
    puppy, puppies, pup, pups, kitten*, kitty, pony, ponies, bunny, bunnies, penguin*, panda*,
    hamster*, duckling*, critter*, furry, animal friend*, lovable dog, farm animal*, teddy bear*,
    piglet*, chipmunk*, squirrel*, hedgehog*, squad of animals, pooch, canine
""")
WILDLIFE = keywords("""
    animal, animals, wildlife, nature, natural world, planet, ocean, oceans, rainforest*, jungle,
    safari, dog, dogs, cat, cats, horse, horses, bear, bears, lion, lions, monkey*, elephant*,
    dolphin*, whale*, shark*, bird, birds, insect*, bee, bees, creature*, species, zoo, farm,
    solar system, universe, coral, reef*
""")
NATURE = keywords("""
    nature, natural world, wildlife, planet, animal*, ocean*, rainforest*, species, safari, earth,
    universe, solar system, space, nasa, astronaut*, science*, scientist*, climate, engineering,
    dinosaur*, museum*, ancient, archaeolog*, egypt*, invention*, train, trains, railway*, aircraft,
    flight, mountain*, climb*, expedition*, explorer*, wonders, polar, arctic, antarctic*, river,
    reef*
""")
HOME = keywords("""
    food, foods, chef*, cook, cooks, cooking, cuisine, bake*, baker*, baking, cake*, dessert*,
    recipe*, kitchen*, restaurant*, dish, dishes, culinary, garden*, home, homes, house, houses,
    renovat*, architect*, designers, makeover*, crafts, decorat*
""")
DATING = keywords("""
    dating, singles, love, romance, relationship*, marriage*, marry, sexy, single, couples,
    tattoo*, party, drama, prank*
""")
HOLIDAYS = keywords("""
    christmas, santa, reindeer, snowman, north pole, easter, thanksgiving, grandma, grandpa,
    grandmother, grandfather, grandparents, holiday special, holidays, holiday season, halloween,
    yuletide
""")
YOUNGSTERS = keywords("""
    boy, boys, siblings, brother and sister, middle school, elementary school, grade school,
    schoolboy*, schoolgirl*, schoolmates, classmates, young boy, young girl, little girl,
    little boy, orphan, orphans, children, childhood friends, camp, neighborhood
""")
UPLIFTING = keywords("""
    heartwarming, inspiring, inspirational, inspires, uplifting, wholesome, faith, faith-based,
    bible, biblical, gospel, church, pastor, god, jesus, miracle*, prayer*, hope, coach, underdog*,
    championship*, olympi*, bake*, baker*, baking, cake*, dessert*, recipe*, chef*, cuisine,
    homes, home cooks, makeover*, renovat*, designers, crafts, garden*
""")
VIOLENCE = keywords("""
    murder*, kill, kills, killed, killer*, killing*, assassin*, hitman, hitmen,
    massacre*, slaughter*, bloody, bloodshed, bloodbath, bloodthirsty, brutal*, violent*,
    violence, vengeance, vengeful, revenge, tortur*, gunman, gunmen, gunned, shootout*, stabbed,
    stabbing*, hostage*, terrorist*, terrorism, vigilante*, manhunt*, mercenar*, kidnap*, abduct*
""")
CRIME = keywords("""
    drug, drugs, cartel*, narco*, cocaine, heroin, meth, kingpin*, mafia, mob, mobster*,
    gangster*, gang, gangs, gangland, crime*, criminal*, underworld, traffick*, smuggl*, robbery,
    robberies, heist*, inmate*, prison, prisoner*, convict, convicts, convicted, corrupt,
    corruption, cop, cops, police*, detective*, investigat*, homicide*, fbi, dea, cia, suspect*,
    fugitive*, con man, con artist*, fraud, scam*, ransom, blackmail*, arrested
""")
SEX = keywords("""
    sex*, erotic*, porn*, prostitut*, brothel*, stripper*, strip club*, escort, escorts, nude,
    nudity, adulter*, extramarital, affair, affairs, infidelity, mistress*, seduc*, lust*, orgy,
    orgies, threesome*, one-night stand*, hookup*, fetish*, virginity, orgasm*
""")
HORROR = keywords("""
    haunted, haunting*, demon, demons, demonic, exorcis*, possessed, zombie*, undead, occult,
    satan*, paranormal, supernatural, evil spirit*, malevolent, sinister, macabre, gruesome, gory,
    grisly, horror*, horrif*, nightmarish, terrifying, terror, terrorize*, cannibal*, slasher*,
    psychopath*, bloodsuck*, apocalypse, vampire*, stalker*, stalked, serial killer*, cursed
""")
CRUELTY = keywords("""
    rape, raped, rapes, rapist*, abuse, abused, abusive, abuser*, molest*, pedophil*, incest*,
    suicid*, addict, addicts, addicted, addiction*, overdos*, alcoholi*, genocid*, holocaust,
    trauma, traumatic, traumatiz*, human traffick*, torment*, harrowing, disturbing, nazi*
""")
STRONG_HUMOR = keywords("""
    raunchy, profane, profanity, foul-mouthed, uncensored, unfiltered, irreverent, nsfw, crude,
    bawdy, filthy, edgy, no-holds-barred, stoner*, weed, marijuana, cannabis, booze*, boozy,
    drunk*, hungover, hangover*, bachelor party, bachelorette party, stand-up*, dark comedy,
    comedian*, comedy special, comedy set, satirical, satire, provocative, sardonic, dark humor
""")
WAR = keywords("""
    war, wars, wartime, soldier*, army, military, troops, combat, battlefield*, invasion, rebel*,
    insurgen*, civil war, dictator*, regime, coup, political*, politic*, politician*, president,
    presidential, activist*, protest*, refugee*, racism, racial, slavery, apartheid, scandal*,
    controversial, execution*, weapon*, sniper*, samurai
""")
DEATH = keywords("""
    death, deaths, dead, deadly, dies, dying, died, fatal*, corpse*, funeral*, grief, grieving,
    mourn*, tragic*, tragedy, tragedies, cancer, terminal illness, terminally ill, widow*,
    disappear*, missing, vanish*, accident, victim*, survivor*, ghost*, blood
""")
LOVE = keywords("""
    romance*, romantic*, lover*, love triangle, falls in love, fall in love, falling in love,
    true love, dating, girlfriend*, boyfriend*, ex-boyfriend, ex-girlfriend, ex-wife, ex-husband,
    bride*, groom*, wedding*, marriage*, married, wife, wives, husband*, divorc*, breakup*,
    bachelor*, fling*, soulmate*, heartbreak*, heartbroken, couple, couples, attraction, passion*
""")
GROWN_UPS = keywords("""
    career*, lawyer*, attorney*, law firm, businessman*, businesswoman*, ceo, executive*,
    corporate, millionaire*, billionaire*, tycoon*, journalist*, pregnan*, midlife,
    middle-aged, twentysomething*, thirtysomething*, roommate*,
    single mother, single mom, debt*, affluent, womaniz*, playboy*, nightclub*, bar, bartender*,
    hotel, therapist*, psychologist*, psychiatrist*, novelist*, screenwriter*, filmmaker*, rapper*,
    rap, hip-hop, mother-in-law, in-laws, high school, college, university, teen, teens, teenage*
""")
DARKNESS = keywords("""
    dark, darkness, secrets, dark secret*, dark past, betray*, obsess*, desperate*, dangerous,
    danger*, conspiracy, conspir*, mysterious*, mystery, mysteries, survive, survival, twisted,
    eerie, bizarre, unsettling, shocking, intimate, gritty, ruthless, enemy, enemies, rival*,
    power struggle, greed, lies, deceit, deception, troubled, turmoil, struggle*, struggling,
    ambition*, forbidden, destiny, tense, unravel*, secretly, identity, loss
""")

# What a harmless title does not speak of.
HARSH = VIOLENCE + CRIME + SEX + CRUELTY + WAR + STRONG_HUMOR + HORROR
