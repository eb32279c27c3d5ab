//! The languages of the sample: the words that texts, anchors, paths and names are made of.

/// A language and what is needed to write a page in it.
#[derive(Debug)]
pub struct Language {
    /// Its tag in `html[lang]`.
    pub tag: &'static str,
    /// Ordinary words, in lower case where the script has one.
    pub words: &'static [&'static str],
    /// What stands between two words.
    pub space: &'static str,
    /// The end of a sentence.
    pub stop: &'static str,
    /// The old character set that some of its pages use.
    pub old_charset: Option<&'static str>,
}

/// Words of which ASCII names are made.
pub const NAMES: &[&str] = &[
    "amber", "anchor", "arbor", "basil", "beacon", "birch", "brook", "cedar", "cinder", "clover", "cobalt",
    "copper", "coral", "delta", "ember", "falcon", "fern", "flint", "garnet", "ginger", "harbor", "hazel",
    "heron", "indigo", "island", "ivory", "jasper", "juniper", "kestrel", "lantern", "larch", "linen",
    "maple", "marble", "meadow", "mosaic", "nettle", "nimbus", "oaken", "olive", "opal", "orchid", "osprey",
    "pebble", "pepper", "pine", "plume", "poplar", "quartz", "quill", "raven", "reed", "river", "saffron",
    "sable", "sage", "slate", "sorrel", "sparrow", "spruce", "tansy", "thistle", "timber", "topaz", "tulip",
    "umber", "velvet", "walnut", "willow", "wren", "yarrow",
];

/// English.
#[rustfmt::skip] // one word a line otherwise
pub const ENGLISH: Language = Language {
    tag: "en",
    words: &[
        "the", "a", "of", "and", "to", "in", "is", "with", "for", "on", "from", "this", "that", "we", "you",
        "they", "garden", "kitchen", "recipe", "window", "morning", "letter", "market", "village",
        "workshop", "bicycle", "weather", "mountain", "harbour", "library", "music", "teacher", "journey",
        "paper", "story", "winter", "summer", "bread", "water", "light", "stone", "wood", "road", "house",
        "small", "large", "quiet", "old", "new", "careful", "early", "often", "together", "between",
        "without", "build", "write", "read", "walk", "measure", "repair", "collect", "compare", "explain",
    ],
    space: " ",
    stop: ". ",
    old_charset: None,
};

/// German.
#[rustfmt::skip] // one word a line otherwise
pub const GERMAN: Language = Language {
    tag: "de",
    words: &[
        "der", "die", "das", "und", "mit", "von", "für", "über", "nach", "ein", "eine", "ist", "wird",
        "auch", "garten", "küche", "fenster", "morgen", "brief", "markt", "dorf", "werkstatt", "fahrrad",
        "wetter", "gebirge", "hafen", "bücher", "musik", "lehrer", "reise", "papier", "geschichte",
        "winter", "sommer", "brot", "wasser", "licht", "stein", "holz", "straße", "häuser", "klein", "groß",
        "ruhig", "früh", "zusammen", "zwischen", "schön",
    ],
    space: " ",
    stop: ". ",
    old_charset: Some("windows-1252"),
};

/// French.
#[rustfmt::skip] // one word a line otherwise
pub const FRENCH: Language = Language {
    tag: "fr",
    words: &[
        "le", "la", "les", "et", "avec", "de", "pour", "sur", "après", "un", "une", "est", "aussi",
        "jardin", "cuisine", "fenêtre", "matin", "lettre", "marché", "village", "atelier", "vélo", "météo",
        "montagne", "port", "livres", "musique", "élève", "voyage", "papier", "récit", "hiver", "été",
        "pain", "eau", "lumière", "pierre", "bois", "route", "maison", "petit", "grand", "calme", "ancien",
        "ensemble", "entre", "forêt", "théâtre",
    ],
    space: " ",
    stop: ". ",
    old_charset: Some("ISO-8859-1"),
};

/// Portuguese.
#[rustfmt::skip] // one word a line otherwise
pub const PORTUGUESE: Language = Language {
    tag: "pt-BR",
    words: &[
        "o", "a", "os", "as", "e", "com", "de", "para", "sobre", "depois", "um", "uma", "também", "jardim",
        "cozinha", "janela", "manhã", "carta", "feira", "aldeia", "oficina", "bicicleta", "tempo",
        "montanha", "porto", "livros", "música", "professor", "viagem", "papel", "história", "inverno",
        "verão", "pão", "água", "luz", "pedra", "madeira", "estrada", "casa", "pequeno", "grande", "calmo",
        "antigo", "junto", "coração", "canção", "lições",
    ],
    space: " ",
    stop: ". ",
    old_charset: Some("windows-1252"),
};

/// Russian.
#[rustfmt::skip] // one word a line otherwise
pub const RUSSIAN: Language = Language {
    tag: "ru",
    words: &[
        "и", "в", "на", "с", "для", "после", "это", "также", "сад", "кухня", "окно", "утро", "письмо",
        "рынок", "деревня", "мастерская", "велосипед", "погода", "гора", "порт", "книги", "музыка",
        "учитель", "поездка", "бумага", "рассказ", "зима", "лето", "хлеб", "вода", "свет", "камень",
        "дерево", "дорога", "дом", "малый", "большой", "тихий", "старый", "вместе", "между", "лес", "река",
        "театр",
    ],
    space: " ",
    stop: ". ",
    old_charset: Some("windows-1251"),
};

/// Japanese.
#[rustfmt::skip] // one word a line otherwise
pub const JAPANESE: Language = Language {
    tag: "ja",
    words: &[
        "庭", "台所", "窓", "朝", "手紙", "市場", "村", "工房", "自転車", "天気", "山", "港", "図書館",
        "音楽", "先生", "旅", "紙", "物語", "冬", "夏", "パン", "水", "光", "石", "木", "道", "家", "小さな",
        "大きな", "静かな", "古い", "新しい", "一緒に", "そして", "また", "です", "から", "まで", "森", "川",
        "劇場", "料理",
    ],
    space: "",
    stop: "。",
    old_charset: Some("Shift_JIS"),
};

/// Greek.
#[rustfmt::skip] // one word a line otherwise
pub const GREEK: Language = Language {
    tag: "el",
    words: &[
        "και", "με", "από", "για", "στο", "μετά", "ένα", "είναι", "επίσης", "κήπος", "κουζίνα", "παράθυρο",
        "πρωί", "γράμμα", "αγορά", "χωριό", "εργαστήριο", "ποδήλατο", "καιρός", "βουνό", "λιμάνι", "βιβλία",
        "μουσική", "ταξίδι", "χαρτί", "ιστορία", "χειμώνας", "ψωμί", "νερό", "φως", "πέτρα", "ξύλο",
        "δρόμος", "σπίτι", "μικρό", "μεγάλο", "ήσυχο", "παλιό", "μαζί", "δάσος",
    ],
    space: " ",
    stop: ". ",
    old_charset: None,
};

/// Arabic.
#[rustfmt::skip] // one word a line otherwise
pub const ARABIC: Language = Language {
    tag: "ar",
    words: &[
        "في", "من", "على", "مع", "بعد", "هذا", "أيضا", "حديقة", "مطبخ", "نافذة", "صباح", "رسالة", "سوق",
        "قرية", "ورشة", "دراجة", "طقس", "جبل", "ميناء", "كتب", "موسيقى", "معلم", "رحلة", "ورق", "قصة",
        "شتاء", "صيف", "خبز", "ماء", "ضوء", "حجر", "خشب", "طريق", "بيت", "صغير", "كبير", "هادئ", "قديم",
    ],
    space: " ",
    stop: ". ",
    old_charset: None,
};

/// Hindi.
#[rustfmt::skip] // one word a line otherwise
pub const HINDI: Language = Language {
    tag: "hi",
    words: &[
        "और", "में", "से", "के", "लिए", "बाद", "यह", "भी", "बगीचा", "रसोई", "खिड़की", "सुबह", "पत्र",
        "बाज़ार", "गाँव", "साइकिल", "मौसम", "पहाड़", "बंदरगाह", "किताब", "संगीत", "शिक्षक", "यात्रा",
        "कागज", "कहानी", "सर्दी", "गर्मी", "रोटी", "पानी", "रोशनी", "पत्थर", "लकड़ी", "सड़क", "घर", "छोटा",
        "बड़ा", "शांत", "पुराना",
    ],
    space: " ",
    stop: "। ",
    old_charset: None,
};
