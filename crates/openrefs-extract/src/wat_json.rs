//! The leaves of a WAT envelope, read with the tolerance that years of extractors need.

use std::borrow::Cow;
use std::fmt;

use openrefs_html::ElementKind;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::fields::{Field, Fields};

/// A string; of a list, its first string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<'a>(pub Cow<'a, str>);

/// One value or several.
struct Values<'a>(Vec<Text<'a>>);

/// A status code, as string or number.
#[derive(Debug, Default)]
pub struct Status(pub Option<u16>);

/// The headers of a response.
#[derive(Debug, Default)]
pub struct Headers<'a>(pub Fields<'a>);

/// The elements of a list that may be links; images, scripts and the like are left out.
#[derive(Debug, Default)]
pub struct Candidates<'a>(pub Vec<Candidate<'a>>);

/// An element that may be a link.
#[derive(Debug)]
pub struct Candidate<'a> {
    /// What it is.
    pub kind: ElementKind,
    /// Its URL text.
    pub url: Cow<'a, str>,
    /// Its `rel`.
    pub rel: Cow<'a, str>,
    /// Its `type`.
    pub media_type: Cow<'a, str>,
    /// Its anchor as the extractor stored it.
    pub text: Cow<'a, str>,
}

/// An element as it stands in `Links` or `Head.Link`.
#[derive(serde::Deserialize)]
struct Element<'a> {
    #[serde(default, borrow)]
    path: Option<Text<'a>>,
    #[serde(default)]
    url: Option<Text<'a>>,
    #[serde(default)]
    rel: Option<Text<'a>>,
    #[serde(default, rename = "type")]
    media_type: Option<Text<'a>>,
    #[serde(default)]
    text: Option<Text<'a>>,
}

const PATHS: [(&str, ElementKind); 6] = [
    ("A@/href", ElementKind::A),
    ("AREA@/href", ElementKind::Area),
    ("FRAME@/src", ElementKind::Frame),
    ("IFRAME@/src", ElementKind::Iframe),
    ("FORM@/action", ElementKind::Form),
    ("LINK@/href", ElementKind::Link),
];

impl<'a> Element<'a> {
    fn candidate(self) -> Option<Candidate<'a>> {
        let path = self.path?.0;
        let kind = PATHS
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(&path))?
            .1;
        let text = |text: Option<Text<'a>>| text.map(|text| text.0).unwrap_or_default();
        Some(Candidate {
            kind,
            url: self.url?.0,
            rel: text(self.rel),
            media_type: text(self.media_type),
            text: text(self.text),
        })
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a list of strings")
    }

    fn visit_borrowed_bytes<E>(self, bytes: &'de [u8]) -> Result<Text<'de>, E> {
        // Nearly all strings are valid, and checking that is faster than repairing.
        Ok(Text(
            std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed),
        ))
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(String::from_utf8_lossy(bytes).into_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Text<'de>, A::Error> {
        let first = list.next_element::<Text<'de>>()?;
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(first.unwrap_or(Text(Cow::Borrowed(""))))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // As bytes, because a string would have to be valid.
        deserializer.deserialize_bytes(TextVisitor)
    }
}

struct ValuesVisitor;

impl<'de> Visitor<'de> for ValuesVisitor {
    type Value = Values<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        TextVisitor.expecting(f)
    }

    fn visit_borrowed_bytes<E: serde::de::Error>(self, bytes: &'de [u8]) -> Result<Values<'de>, E> {
        Ok(Values(vec![TextVisitor.visit_borrowed_bytes(bytes)?]))
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Values<'de>, E> {
        Ok(Values(vec![TextVisitor.visit_bytes(bytes)?]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Values<'de>, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element::<Option<Text<'de>>>()? {
            values.extend(value);
        }
        Ok(Values(values))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Values<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(ValuesVisitor)
    }
}

struct StatusVisitor;

impl<'de> Visitor<'de> for StatusVisitor {
    type Value = Status;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a status code")
    }

    fn visit_str<E>(self, text: &str) -> Result<Status, E> {
        Ok(Status(text.trim().parse().ok()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Status, E> {
        Ok(Status(u16::try_from(number).ok()))
    }

    fn visit_unit<E>(self) -> Result<Status, E> {
        Ok(Status(None))
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StatusVisitor)
    }
}

struct HeadersVisitor;

impl<'de> Visitor<'de> for HeadersVisitor {
    type Value = Headers<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of headers")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Headers<'de>, A::Error> {
        let mut fields = Fields::default();
        while let Some(Text(name)) = map.next_key()? {
            let Some(field) = Field::named(name.as_bytes()) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let values = map.next_value::<Option<Values<'de>>>()?;
            for Text(value) in values.into_iter().flat_map(|values| values.0) {
                fields.put(field, value);
            }
        }
        Ok(Headers(fields))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Headers<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeadersVisitor)
    }
}

struct CandidatesVisitor;

impl<'de> Visitor<'de> for CandidatesVisitor {
    type Value = Candidates<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of elements")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Candidates<'de>, A::Error> {
        let mut candidates = Vec::new();
        while let Some(element) = list.next_element::<Element<'de>>()? {
            candidates.extend(element.candidate());
        }
        Ok(Candidates(candidates))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Candidates<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(CandidatesVisitor)
    }
}
