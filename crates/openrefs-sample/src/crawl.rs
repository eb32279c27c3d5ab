//! Writes visits into pairs of archives: a WARC and the WAT that describes it.

use std::path::Path;

use crate::archive::{Archive, Member};
use crate::date;
use crate::random::{Purpose, Stream};
use crate::response::{self, Response};
use crate::visit::Visit;
use crate::warc::{self, Fields};
use crate::wat::{self, What};
use crate::{Error, Written};

/// When the WAT files were made, as they say: after the last crawl. 2026-02-01.
const EXTRACTED: u64 = 1_769_904_000;

/// A WARC and its WAT.
#[derive(Debug)]
pub struct Pair {
    warc: Archive,
    wat: Archive,
    name: String,
    info: String,
    record: Vec<u8>,
}

impl Pair {
    /// Creates the pair of a number in the folders of both kinds.
    ///
    /// # Errors
    /// When a file cannot be created or written.
    pub fn create(seed: u64, number: u64, warcs: &Path, wats: &Path) -> Result<Self, Error> {
        let name = format!("sample-{number:05}.warc.gz");
        let wat_name = format!("sample-{number:05}.warc.wat.gz");
        let mut stream = Stream::new(seed, Purpose::Visit, number | 1 << 63);
        let (info, wat_info) = (warc::identifier(&mut stream), warc::identifier(&mut stream));
        let (warc, wat) = (
            Archive::create(&warcs.join(&name))?,
            Archive::create(&wats.join(&wat_name))?,
        );
        let mut pair = Self {
            warc,
            wat,
            info: info.clone(),
            record: Vec::with_capacity(1 << 17),
            name: name.clone(),
        };
        pair.record_info(&name, info);
        pair.warc.push(&pair.record)?;
        pair.record_info(&wat_name, wat_info);
        pair.wat.push(&pair.record)?;
        Ok(pair)
    }

    fn record_info(&mut self, name: &str, identifier: String) {
        let software = concat!("openrefs-sample/", env!("CARGO_PKG_VERSION"));
        let block = format!(
            "software: {software}\r\nformat: WARC File Format 1.1\r\ndescription: synthetic crawl\r\n"
        );
        let fields = [
            ("WARC-Type", "warcinfo".to_owned()),
            ("WARC-Date", date::iso(EXTRACTED)),
            ("WARC-Record-ID", identifier),
            ("WARC-Filename", name.to_owned()),
            ("Content-Type", "application/warc-fields".to_owned()),
            ("Content-Length", block.len().to_string()),
        ];
        warc::write(&mut self.record, &fields, &[block.as_bytes()]);
    }

    /// Writes the records of a visit.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn push(&mut self, visit: &Visit) -> Result<(), Error> {
        let mut stream = visit.stream.clone();
        let mut names = stream.branch();
        let request = visit.with_request.then(|| warc::identifier(&mut names));
        if let Some(identifier) = &request {
            self.request(visit, identifier, &mut names)?;
        }
        let response = response::write(visit);
        let fields = self.response_fields(visit, &response, request, &mut names);
        let body: &[u8] = if visit.revisit { b"" } else { &response.body };
        warc::write(&mut self.record, &fields, &[&response.head, body]);
        let member = self.warc.push(&self.record)?;
        self.describe(
            visit,
            &fields,
            &member,
            &What::Response(visit, &response),
            &mut names,
        )
    }

    fn request(&mut self, visit: &Visit, identifier: &str, names: &mut Stream) -> Result<(), Error> {
        let origin = visit.url.find("//").map_or(0, |at| at + 2);
        let path = visit.url[origin..]
            .find('/')
            .map_or(visit.url.len(), |at| origin + at);
        let (host, path) = (&visit.url[origin..path], &visit.url[path..]);
        let block = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\n\r\n");
        let mut fields = vec![
            ("WARC-Type", "request".to_owned()),
            ("WARC-Date", date::iso(visit.time)),
            ("WARC-Record-ID", identifier.to_owned()),
            ("Content-Length", block.len().to_string()),
            ("Content-Type", "application/http; msgtype=request".to_owned()),
            ("WARC-Warcinfo-ID", self.info.clone()),
        ];
        fields.extend(
            visit
                .address
                .iter()
                .map(|address| ("WARC-IP-Address", address.clone())),
        );
        fields.push(("WARC-Target-URI", visit.url.clone()));
        warc::write(&mut self.record, &fields, &[block.as_bytes()]);
        let member = self.warc.push(&self.record)?;
        self.describe(visit, &fields, &member, &What::Request(path), names)
    }

    fn response_fields(
        &self,
        visit: &Visit,
        response: &Response,
        request: Option<String>,
        names: &mut Stream,
    ) -> Fields {
        let kind = if visit.revisit { "revisit" } else { "response" };
        let body_bytes = if visit.revisit { 0 } else { response.body.len() };
        let fraction = if names.per_mille(20) { ".250Z" } else { "Z" };
        let mut fields = vec![
            ("WARC-Type", kind.to_owned()),
            ("WARC-Date", date::iso(visit.time).replace('Z', fraction)),
            ("WARC-Record-ID", warc::identifier(names)),
            ("Content-Length", (response.head.len() + body_bytes).to_string()),
            ("Content-Type", "application/http; msgtype=response".to_owned()),
            ("WARC-Warcinfo-ID", self.info.clone()),
        ];
        fields.extend(request.map(|identifier| ("WARC-Concurrent-To", identifier)));
        fields.extend(
            visit
                .address
                .iter()
                .map(|address| ("WARC-IP-Address", address.clone())),
        );
        fields.push(("WARC-Target-URI", visit.url.clone()));
        fields.push(("WARC-Payload-Digest", warc::digest(&response.body)));
        if visit.revisit {
            let profile = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest";
            fields.push(("WARC-Profile", profile.to_owned()));
        }
        fields
    }

    /// Writes the WAT record for the last record of the archive.
    fn describe(
        &mut self,
        visit: &Visit,
        of: &[(&str, String)],
        member: &Member,
        what: &What<'_>,
        names: &mut Stream,
    ) -> Result<(), Error> {
        let json = wat::write(&self.name, member, of, what)?;
        let fields = [
            ("WARC-Type", "metadata".to_owned()),
            ("WARC-Target-URI", visit.url.clone()),
            ("WARC-Date", date::iso(EXTRACTED)),
            ("WARC-Record-ID", warc::identifier(names)),
            ("WARC-Refers-To", of[2].1.clone()),
            ("Content-Type", "application/json".to_owned()),
            ("Content-Length", json.len().to_string()),
        ];
        warc::write(&mut self.record, &fields, &[&json]);
        self.wat.push(&self.record).map(|_| ())
    }

    /// Closes both files and counts them.
    ///
    /// # Errors
    /// When the rest cannot be written.
    pub fn finish(self, written: &mut Written) -> Result<(), Error> {
        written.bytes += self.warc.finish()? + self.wat.finish()?;
        written.files += 2;
        Ok(())
    }
}
