//! WAT envelopes: the JSON that Common Crawl's extractor writes for each record of a WARC or ARC file.
//!
//! The shape is that of ia-web-commons, from 2012 until today; since December 2024 a repeated header is a list.
//! Everything is borrowed from the record where JSON needs no unescaping, and what no rule reads is skipped without
//! being looked at. Text that is no valid UTF-8, or half of a surrogate pair, is replaced, not refused: the extractor
//! cuts texts anywhere.

use std::borrow::Cow;

use serde::Deserialize;

use crate::fields::Fields;
use crate::wat_json::{Candidates, Headers, Status, Text};

/// An envelope, as far as the rules read it.
#[derive(Debug)]
pub struct Envelope<'a> {
    /// The type of the described record, lower case; empty if it says none.
    pub warc_type: String,
    /// URL of the described record.
    pub target_uri: Option<Cow<'a, str>>,
    /// Date of the described record.
    pub date: Option<Cow<'a, str>>,
    /// IP address of the described record.
    pub ip: Option<Cow<'a, str>>,
    /// The response, if it describes one.
    pub response: Option<Response<'a>>,
}

/// A described response.
#[derive(Debug)]
pub struct Response<'a> {
    /// Its status code.
    pub status: Option<u16>,
    /// Its fields.
    pub fields: Fields<'a>,
    /// What its HTML says of links.
    pub html: Html<'a>,
}

/// `HTML-Metadata`.
#[derive(Debug, Default, Deserialize)]
pub struct Html<'a> {
    #[serde(rename = "Head", default, borrow)]
    head: Option<Head<'a>>,
    #[serde(rename = "Links", default)]
    links: Option<Candidates<'a>>,
}

#[derive(Debug, Default, Deserialize)]
struct Head<'a> {
    #[serde(rename = "Base", default, borrow)]
    base: Option<Text<'a>>,
    #[serde(rename = "Metas", default)]
    metas: Option<Vec<Meta<'a>>>,
    #[serde(rename = "Link", default)]
    links: Option<Candidates<'a>>,
}

/// An element of `Metas`.
#[derive(Debug, Deserialize)]
struct Meta<'a> {
    #[serde(default, borrow)]
    name: Option<Text<'a>>,
    #[serde(rename = "http-equiv", default)]
    http_equiv: Option<Text<'a>>,
    #[serde(default)]
    content: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Root<'a> {
    #[serde(rename = "Envelope", borrow)]
    envelope: Option<EnvelopeJson<'a>>,
}

#[derive(Deserialize)]
struct EnvelopeJson<'a> {
    #[serde(rename = "WARC-Header-Metadata", default, borrow)]
    warc: Option<WarcHeader<'a>>,
    #[serde(rename = "ARC-Header-Metadata", default)]
    arc: Option<ArcHeader<'a>>,
    #[serde(rename = "Payload-Metadata", default)]
    payload: Option<Payload<'a>>,
}

#[derive(Default, Deserialize)]
struct WarcHeader<'a> {
    #[serde(rename = "WARC-Type", default, borrow)]
    warc_type: Option<Text<'a>>,
    #[serde(rename = "WARC-Target-URI", default)]
    target_uri: Option<Text<'a>>,
    #[serde(rename = "WARC-Date", default)]
    date: Option<Text<'a>>,
    #[serde(rename = "WARC-IP-Address", default)]
    ip: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct ArcHeader<'a> {
    #[serde(rename = "Target-URI", default, borrow)]
    target_uri: Option<Text<'a>>,
    #[serde(rename = "Date", default)]
    date: Option<Text<'a>>,
    #[serde(rename = "IP-Address", default)]
    ip: Option<Text<'a>>,
}

#[derive(Default, Deserialize)]
struct Payload<'a> {
    #[serde(rename = "HTTP-Response-Metadata", default, borrow)]
    response: Option<ResponseJson<'a>>,
}

#[derive(Deserialize)]
struct ResponseJson<'a> {
    #[serde(rename = "Response-Message", default)]
    message: Option<Message>,
    #[serde(rename = "Headers", default, borrow)]
    headers: Option<Headers<'a>>,
    #[serde(rename = "HTML-Metadata", default)]
    html: Option<Html<'a>>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(rename = "Status", default)]
    status: Status,
}

/// Why a JSON record gives no envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoEnvelope {
    /// It is no JSON, or not of the shape of an envelope.
    Malformed,
    /// It is JSON about something else.
    Absent,
}

/// Reads the envelope in a record's block.
///
/// # Errors
/// When there is none.
pub fn parse(json: &[u8]) -> Result<Envelope<'_>, NoEnvelope> {
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    let root: Root<'_> = serde_json::from_slice(json).map_err(|_| NoEnvelope::Malformed)?;
    let EnvelopeJson { warc, arc, payload } = root.envelope.ok_or(NoEnvelope::Absent)?;
    let warc = match arc {
        Some(arc) => WarcHeader {
            warc_type: Some(Text(Cow::Borrowed("response"))),
            target_uri: arc.target_uri,
            date: arc.date,
            ip: arc.ip,
        },
        None => warc.unwrap_or_default(),
    };
    let warc_type = warc.warc_type.map(|text| text.0).unwrap_or_default();
    Ok(Envelope {
        warc_type: warc_type.trim().to_ascii_lowercase(),
        target_uri: warc.target_uri.map(|text| text.0),
        date: warc.date.map(|text| text.0),
        ip: warc.ip.map(|text| text.0),
        response: payload.unwrap_or_default().response.map(response),
    })
}

fn response(json: ResponseJson<'_>) -> Response<'_> {
    Response {
        status: json.message.and_then(|message| message.status.0),
        fields: json.headers.unwrap_or_default().0,
        html: json.html.unwrap_or_default(),
    }
}

impl<'a> Html<'a> {
    /// The `href` of the page's `base`.
    pub fn base(&self) -> Option<&str> {
        self.head.as_ref()?.base.as_ref().map(|text| &*text.0)
    }

    /// The `content` of every `meta[name=robots]`.
    pub fn robots(&self) -> impl Iterator<Item = &str> {
        self.metas()
            .filter(|meta| is(&meta.name, "robots"))
            .map(Meta::content)
    }

    /// The `content` of every `meta[http-equiv=refresh]`.
    pub fn refreshes(&self) -> impl Iterator<Item = &str> {
        self.metas()
            .filter(|meta| is(&meta.http_equiv, "refresh"))
            .map(Meta::content)
    }

    /// The elements that may be links: those of the head first, as in the page.
    pub fn candidates(&self) -> impl Iterator<Item = &crate::wat_json::Candidate<'a>> {
        let head = self.head.as_ref().and_then(|head| head.links.as_ref());
        head.into_iter().chain(&self.links).flat_map(|list| &list.0)
    }

    fn metas(&self) -> impl Iterator<Item = &Meta<'a>> {
        self.head.iter().filter_map(|head| head.metas.as_ref()).flatten()
    }
}

impl Meta<'_> {
    fn content(&self) -> &str {
        self.content.as_ref().map_or("", |text| &text.0)
    }
}

fn is(text: &Option<Text<'_>>, name: &str) -> bool {
    text.as_ref()
        .is_some_and(|text| text.0.eq_ignore_ascii_case(name))
}
