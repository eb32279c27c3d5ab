//! The extractor: one archive record in, at most one visit out, every record counted (section 1 of the rules).

use std::sync::Arc;

use openrefs_archive::{Record, RecordKind};
use openrefs_html::{Reader, refresh};
use openrefs_model::{Address, SuffixList, time};

use crate::body::BodyDecoder;
use crate::fields::Fields;
use crate::links::{Candidate, Resolver, Source, VisitLinks};
use crate::report::Report;
use crate::{Output, charset, header_link, http, robots, tally, wat};

/// Reads records of archives; remembers hosts and keeps buffers from record to record, so use one per thread.
#[derive(Debug)]
pub struct Extractor {
    resolver: Resolver,
    bodies: BodyDecoder,
    report: Report,
}

/// What a response is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Page,
    Redirect,
}

/// The name under which a record is counted that is no visit.
type Skipped = &'static str;

impl Extractor {
    /// One for a Public Suffix List.
    pub fn new(list: Arc<SuffixList>) -> Self {
        Self {
            resolver: Resolver::new(list),
            bodies: BodyDecoder::default(),
            report: Report::default(),
        }
    }

    /// What was counted since the extractor was made or the report was taken.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Hands out the counts and begins anew.
    pub fn take_report(&mut self) -> Report {
        std::mem::take(&mut self.report)
    }

    /// Reads one record; if it is a visit, the output gets it.
    pub fn record(&mut self, record: &Record<'_>, output: &mut dyn Output) {
        self.report.add("records", 1);
        let result = match record.kind {
            RecordKind::Response => self.response(record, output),
            RecordKind::Metadata if is_json(record) => self.envelope(record.block, output),
            kind => Err(skipped_type(kind)),
        };
        if let Err(skipped) = result {
            self.report.add(skipped, 1);
        }
    }

    fn response(&mut self, record: &Record<'_>, output: &mut dyn Output) -> Result<(), Skipped> {
        if !holds_http(record.content_type.as_deref()) {
            return Err("skipped: record content type");
        }
        let response = http::parse(record.block).ok_or("skipped: no http response")?;
        let fields = &response.fields;
        let kind = kind(Some(response.status), fields)?;
        let uri = record.target_uri.as_deref();
        let source = self.source(uri, record.date.as_deref(), record.ip.as_deref())?;
        self.report.add("note: headers cut", u64::from(response.head_cut));
        if kind == Kind::Redirect {
            return self.redirect(&source, fields, output);
        }
        let body = self.bodies.decode(fields, response.body);
        let record_cut = record.block_bytes > record.block.len() as u64;
        self.report
            .add("note: body cut", u64::from(body.cut || record_cut));
        let content_type = fields.content_type.as_deref().unwrap_or_default();
        let (text, told_by) = charset::decode(content_type, body.bytes, body.cut || record_cut);
        self.report.add(told_by.name(), 1);
        let (page, reader) = openrefs_html::read(&text);
        count_reader(&mut self.report, reader);
        let at_limit = page.elements.len() >= openrefs_html::ELEMENTS_MAX;
        self.report
            .add("note: page cut at its limit of elements", u64::from(at_limit));
        let nofollow = headers_nofollow(fields) || page.robots.iter().any(|c| robots::meta_nofollow(c));
        let mut links = self.resolver.visit(&source, nofollow);
        header_links(&mut links, fields);
        if let Some(href) = &page.base_href {
            links.base(href);
        }
        for element in &page.elements {
            links.element(&Candidate {
                kind: element.kind,
                url: &element.url,
                rel: &element.rel,
                media_type: &element.media_type,
                text: &element.text,
                image_alt: &element.image_alt,
                image: element.image,
            });
        }
        finish(&mut self.report, "visit: page", links, output);
        Ok(())
    }

    fn redirect(
        &mut self,
        source: &Source,
        fields: &Fields<'_>,
        output: &mut dyn Output,
    ) -> Result<(), Skipped> {
        let location = fields.redirect().ok_or("skipped: redirect without location")?;
        let mut links = self.resolver.visit(source, headers_nofollow(fields));
        links.redirect(location);
        finish(&mut self.report, "visit: redirect", links, output);
        Ok(())
    }

    fn envelope(&mut self, json: &[u8], output: &mut dyn Output) -> Result<(), Skipped> {
        let envelope = wat::parse(json).map_err(|error| match error {
            wat::NoEnvelope::Malformed => "skipped: wat: malformed",
            wat::NoEnvelope::Absent => "skipped: wat: no envelope",
        })?;
        if envelope.warc_type != "response" {
            return Err(skipped_envelope(&envelope.warc_type));
        }
        let response = envelope.response.as_ref().ok_or("skipped: no http response")?;
        let kind = kind(response.status, &response.fields)?;
        let source = self.source(
            envelope.target_uri.as_deref(),
            envelope.date.as_deref(),
            envelope.ip.as_deref(),
        )?;
        if kind == Kind::Redirect {
            return self.redirect(&source, &response.fields, output);
        }
        let html = &response.html;
        let nofollow = headers_nofollow(&response.fields) || html.robots().any(robots::meta_nofollow);
        let mut links = self.resolver.visit(&source, nofollow);
        header_links(&mut links, &response.fields);
        if let Some(href) = html.base() {
            links.base(href);
        }
        envelope_elements(&mut links, html);
        finish(&mut self.report, "visit: page", links, output);
        Ok(())
    }

    fn source(&mut self, uri: Option<&str>, date: Option<&str>, ip: Option<&str>) -> Result<Source, Skipped> {
        let uri = uri.ok_or("skipped: no url")?;
        let time = date.and_then(time::parse).ok_or("skipped: date")?;
        let ip = ip.and_then(Address::parse);
        self.resolver.source(uri, time, ip).map_err(tally::skipped_url)
    }
}

/// Whether the record's type says that its block is an HTTP message; a missing one is taken as such, the status line
/// will tell.
fn holds_http(content_type: Option<&str>) -> bool {
    let content_type = content_type.unwrap_or_default().trim();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.is_empty()
        || essence.eq_ignore_ascii_case("application/http")
        || essence.eq_ignore_ascii_case("message/http")
}

fn is_json(record: &Record<'_>) -> bool {
    match record.content_type.as_deref().map(str::trim) {
        None | Some("") => record.block.trim_ascii_start().starts_with(b"{"),
        Some(content_type) => {
            let essence = content_type.split(';').next().unwrap_or_default().trim();
            essence.eq_ignore_ascii_case("application/json")
        }
    }
}

fn kind(status: Option<u16>, fields: &Fields<'_>) -> Result<Kind, Skipped> {
    match status {
        Some(200) if fields.is_html() => Ok(Kind::Page),
        Some(200) => Err("skipped: media type"),
        Some(301 | 302 | 303 | 307 | 308) if fields.redirect().is_some() => Ok(Kind::Redirect),
        Some(301 | 302 | 303 | 307 | 308) => Err("skipped: redirect without location"),
        _ => Err("skipped: status"),
    }
}

fn headers_nofollow(fields: &Fields<'_>) -> bool {
    fields.robots.iter().any(|value| robots::header_nofollow(value))
}

fn header_links(links: &mut VisitLinks<'_>, fields: &Fields<'_>) {
    for value in &fields.links {
        for link in header_link::parse(value) {
            links.header_link(&link);
        }
    }
}

fn envelope_elements(links: &mut VisitLinks<'_>, html: &wat::Html<'_>) {
    let blank = Candidate {
        kind: openrefs_html::ElementKind::Refresh,
        url: "",
        rel: "",
        media_type: "",
        text: "",
        image_alt: "",
        image: false,
    };
    for url in html.refreshes().filter_map(refresh::url) {
        links.element(&Candidate { url, ..blank });
    }
    for element in html.candidates() {
        links.element(&Candidate {
            kind: element.kind,
            url: &element.url,
            rel: &element.rel,
            media_type: &element.media_type,
            text: &element.text,
            ..blank
        });
    }
}

fn finish(report: &mut Report, name: Skipped, links: VisitLinks<'_>, output: &mut dyn Output) {
    let (visit, backlinks, tally) = links.finish();
    report.add(name, 1);
    tally.report(report);
    report.add("backlinks kept", backlinks.len() as u64);
    output.visit(visit, backlinks);
}

fn count_reader(report: &mut Report, reader: Reader) {
    if let Reader::Dom { cut, .. } = reader {
        report.add("note: page read by the whole tree builder", 1);
        report.add("note: page cut by the tree builder's limits", u64::from(cut));
    }
}

fn skipped_type(kind: RecordKind) -> Skipped {
    match kind {
        RecordKind::Response => "skipped: type response",
        RecordKind::Request => "skipped: type request",
        RecordKind::Revisit => "skipped: type revisit",
        RecordKind::Resource => "skipped: type resource",
        RecordKind::Conversion => "skipped: type conversion",
        RecordKind::Metadata => "skipped: type metadata",
        RecordKind::Warcinfo => "skipped: type warcinfo",
        RecordKind::Continuation => "skipped: type continuation",
        RecordKind::Other => "skipped: type other",
    }
}

fn skipped_envelope(warc_type: &str) -> Skipped {
    match warc_type {
        "request" => "skipped: wat: of a request",
        "warcinfo" => "skipped: wat: of a warcinfo",
        "metadata" => "skipped: wat: of a metadata",
        "revisit" => "skipped: wat: of a revisit",
        "resource" => "skipped: wat: of a resource",
        "conversion" => "skipped: wat: of a conversion",
        _ => "skipped: wat: of another type",
    }
}
