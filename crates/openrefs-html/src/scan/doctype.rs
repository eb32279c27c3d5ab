//! Doctypes: the parts of one, and whether it puts the document in quirks mode.
//!
//! Quirks mode is asked for because of one rule: there, `<table>` does not close an open `p`.

/// The parts of a doctype, not decoded but for the case of the name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Doctype {
    pub(crate) name: Option<String>,
    pub(crate) public: Option<String>,
    pub(crate) system: Option<String>,
    pub(crate) force_quirks: bool,
}

const BLANKS: [char; 5] = [' ', '\t', '\n', '\r', '\u{c}'];

/// Reads what stands between `<!doctype` and `>`; `closed` says whether the `>` was there.
pub(crate) fn parse(text: &str, closed: bool) -> Doctype {
    let text = text.trim_start_matches(BLANKS);
    if text.is_empty() {
        return Doctype {
            force_quirks: true,
            ..Doctype::default()
        };
    }
    let end = text.find(BLANKS).unwrap_or(text.len());
    let name = text[..end].to_ascii_lowercase().replace('\0', "\u{fffd}");
    let mut doctype = Doctype {
        name: Some(name),
        force_quirks: !closed,
        ..Doctype::default()
    };
    let rest = text[end..].trim_start_matches(BLANKS);
    if !rest.is_empty() && !identifiers(rest, &mut doctype) {
        doctype.force_quirks = true;
    }
    doctype
}

/// Reads the identifiers; whether they are well formed.
fn identifiers(text: &str, doctype: &mut Doctype) -> bool {
    let Some(keyword) = text.get(..6) else {
        return false;
    };
    let rest = &text[6..];
    if keyword.eq_ignore_ascii_case("public") {
        let (id, closed, rest) = quoted(rest);
        doctype.public = id;
        let rest = rest.trim_start_matches(BLANKS);
        if doctype.public.is_none() || !closed {
            return false;
        }
        return rest.is_empty() || system(rest, doctype);
    }
    keyword.eq_ignore_ascii_case("system") && system(rest, doctype)
}

/// Reads a system identifier. Rubbish after it does no harm, rubbish before it does.
fn system(text: &str, doctype: &mut Doctype) -> bool {
    let (id, closed, _) = quoted(text);
    doctype.system = id;
    doctype.system.is_some() && closed
}

/// A quoted identifier, whether its closing quote was there, and what follows.
fn quoted(text: &str) -> (Option<String>, bool, &str) {
    let text = text.trim_start_matches(BLANKS);
    let Some(quote @ ('"' | '\'')) = text.chars().next() else {
        return (None, false, text);
    };
    let id = |text: &str| {
        Some(
            text.replace("\r\n", "\n")
                .replace('\r', "\n")
                .replace('\0', "\u{fffd}"),
        )
    };
    match text[1..].split_once(quote) {
        Some((inside, rest)) => (id(inside), true, rest),
        None => (id(&text[1..]), false, ""),
    }
}

/// Whether a document with this doctype (none: without one) is in quirks mode.
pub(crate) fn quirks(doctype: Option<&Doctype>) -> bool {
    let Some(doctype) = doctype else { return true };
    if doctype.force_quirks || doctype.name.as_deref() != Some("html") {
        return true;
    }
    let lower = |id: &Option<String>| id.as_ref().map(|id| id.to_ascii_lowercase());
    let (public, system) = (lower(&doctype.public), lower(&doctype.system));
    if system.as_deref() == Some("http://www.ibm.com/data/dtd/v11/ibmxhtml1-transitional.dtd") {
        return true;
    }
    let Some(public) = public else { return false };
    let html4 = [
        "-//w3c//dtd html 4.01 frameset//",
        "-//w3c//dtd html 4.01 transitional//",
    ];
    QUIRKS_PUBLIC.contains(&public.as_str())
        || QUIRKS_PREFIXES.iter().any(|prefix| public.starts_with(prefix))
        || (system.is_none() && html4.iter().any(|prefix| public.starts_with(prefix)))
}

const QUIRKS_PUBLIC: [&str; 3] = [
    "-//w3o//dtd w3 html strict 3.0//en//",
    "-/w3c/dtd html 4.0 transitional/en",
    "html",
];

/// <https://html.spec.whatwg.org/multipage/parsing.html#the-initial-insertion-mode>
const QUIRKS_PREFIXES: &[&str] = &[
    "-//advasoft ltd//dtd html 3.0 aswedit + extensions//",
    "-//as//dtd html 3.0 aswedit + extensions//",
    "-//ietf//dtd html 2.0 level 1//",
    "-//ietf//dtd html 2.0 level 2//",
    "-//ietf//dtd html 2.0 strict level 1//",
    "-//ietf//dtd html 2.0 strict level 2//",
    "-//ietf//dtd html 2.0 strict//",
    "-//ietf//dtd html 2.0//",
    "-//ietf//dtd html 2.1e//",
    "-//ietf//dtd html 3.0//",
    "-//ietf//dtd html 3.2 final//",
    "-//ietf//dtd html 3.2//",
    "-//ietf//dtd html 3//",
    "-//ietf//dtd html level 0//",
    "-//ietf//dtd html level 1//",
    "-//ietf//dtd html level 2//",
    "-//ietf//dtd html level 3//",
    "-//ietf//dtd html strict level 0//",
    "-//ietf//dtd html strict level 1//",
    "-//ietf//dtd html strict level 2//",
    "-//ietf//dtd html strict level 3//",
    "-//ietf//dtd html strict//",
    "-//ietf//dtd html//",
    "-//metrius//dtd metrius presentational//",
    "-//microsoft//dtd internet explorer 2.0 html strict//",
    "-//microsoft//dtd internet explorer 2.0 html//",
    "-//microsoft//dtd internet explorer 2.0 tables//",
    "-//microsoft//dtd internet explorer 3.0 html strict//",
    "-//microsoft//dtd internet explorer 3.0 html//",
    "-//microsoft//dtd internet explorer 3.0 tables//",
    "-//netscape comm. corp.//dtd html//",
    "-//netscape comm. corp.//dtd strict html//",
    "-//o'reilly and associates//dtd html 2.0//",
    "-//o'reilly and associates//dtd html extended 1.0//",
    "-//o'reilly and associates//dtd html extended relaxed 1.0//",
    "-//softquad software//dtd hotmetal pro 6.0::19990601::extensions to html 4.0//",
    "-//softquad//dtd hotmetal pro 4.0::19971010::extensions to html 4.0//",
    "-//spyglass//dtd html 2.0 extended//",
    "-//sq//dtd html 2.0 hotmetal + extensions//",
    "-//sun microsystems corp.//dtd hotjava html//",
    "-//sun microsystems corp.//dtd hotjava strict html//",
    "-//w3c//dtd html 3 1995-03-24//",
    "-//w3c//dtd html 3.2 draft//",
    "-//w3c//dtd html 3.2 final//",
    "-//w3c//dtd html 3.2//",
    "-//w3c//dtd html 3.2s draft//",
    "-//w3c//dtd html 4.0 frameset//",
    "-//w3c//dtd html 4.0 transitional//",
    "-//w3c//dtd html experimental 19960712//",
    "-//w3c//dtd html experimental 970421//",
    "-//w3c//dtd w3 html//",
    "-//w3o//dtd w3 html 3.0//",
    "-//webtechs//dtd mozilla html 2.0//",
    "-//webtechs//dtd mozilla html//",
];
