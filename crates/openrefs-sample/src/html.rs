//! Writes a page as HTML, in many spellings: quotes of all sorts, entities or none, capitals, white space. Whatever
//! the spelling, a parser that follows the HTML standard finds the items of [`crate::page`] again.

use crate::markup::Writer;
use crate::page::{Anchor, Area, Body, Charset, Decoy, HeadLink, Item, Meta, Page, Picture, Run};
use crate::random::{Purpose, Stream};
use crate::words;

/// The markup of a page.
pub fn write(page: &Page) -> String {
    let mut stream = Stream::new(page.spelling, Purpose::Page, 0);
    let capitals = stream.per_mille(30);
    let tidy = stream.per_mille(600);
    let mut writer = Writer {
        out: String::with_capacity(32_000),
        stream,
        capitals,
        tidy,
        language: page.language,
    };
    writer.page(page);
    writer.out
}

impl Writer {
    fn page(&mut self, page: &Page) {
        self.out.push_str("<!DOCTYPE html>\n<html lang=\"");
        self.out.push_str(page.language.tag);
        self.out.push_str("\">\n<head>\n");
        self.head(page);
        self.out.push_str("</head>\n");
        match &page.body {
            Body::Items(items) => self.body(items),
            Body::Frames(frames) => self.frames(frames),
        }
        self.out.push_str("</html>\n");
    }

    fn head(&mut self, page: &Page) {
        self.charset(page.charset);
        self.out.push_str("<title>");
        self.text(&page.title);
        self.out.push_str("</title>\n");
        if let Some(base) = &page.base {
            self.open("base", &[("href", base)]);
            self.out.push('\n');
        }
        for meta in &page.metas {
            self.meta(meta);
        }
        for link in &page.links {
            self.link(link);
        }
        self.out
            .push_str("<style>body{margin:0;font:16px/1.5 serif}.menu li{display:inline}</style>\n");
        self.script();
    }

    fn charset(&mut self, charset: Charset) {
        if !charset.in_meta {
            return;
        }
        let label = charset.label;
        if charset.is_old() {
            self.open(
                "meta",
                &[
                    ("http-equiv", "Content-Type"),
                    ("content", &format!("text/html; charset={label}")),
                ],
            );
        } else {
            self.open("meta", &[("charset", label)]);
        }
        self.out.push('\n');
    }

    fn meta(&mut self, meta: &Meta) {
        let key = if meta.equiv { "http-equiv" } else { "name" };
        self.open("meta", &[(key, meta.name), ("content", &meta.content)]);
        self.out.push('\n');
    }

    fn link(&mut self, link: &HeadLink) {
        let mut attributes = vec![("rel", link.rel), ("href", link.url.as_str())];
        attributes.extend(link.kind.map(|kind| ("type", kind)));
        attributes.extend(link.language.map(|language| ("hreflang", language)));
        self.open("link", &attributes);
        self.out.push('\n');
    }

    /// A script of the size that pages have, with a string in it that looks like a link.
    fn script(&mut self) {
        self.out
            .push_str("<script>\nvar site={start:Date.now(),parts:[]};\n");
        for _ in 0..self.stream.between(4, 24) {
            let (one, two) = (self.stream.pick(words::NAMES), self.stream.pick(words::NAMES));
            let number = self.stream.below(100_000);
            self.out.push_str(&format!(
                "site.parts.push({{name:'{one}-{two}',at:{number},tag:'<a href=\"/{two}\">'}});\n"
            ));
        }
        self.out.push_str("</script>\n");
    }

    fn frames(&mut self, frames: &[String]) {
        self.out.push_str("<frameset cols=\"20%,*\">\n");
        for frame in frames {
            self.open("frame", &[("src", frame)]);
            self.out.push('\n');
        }
        self.out.push_str(
            "<noframes><a href=\"http://example.com/in-noframes\">no frames</a></noframes>\n</frameset>\n",
        );
    }

    fn body(&mut self, items: &[Item]) {
        self.out
            .push_str("<body>\n<div id=\"page\" class=\"site hfeed\">\n");
        for item in items {
            self.item(item);
        }
        self.out.push_str("</div>\n</body>\n");
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Heading(text) => {
                self.out.push_str("<h2 class=\"entry-title\">");
                self.text(text);
                self.out.push_str("</h2>\n");
            }
            Item::Paragraph(runs) => self.paragraph(runs),
            Item::List(class, anchors) => self.list(class, anchors),
            Item::Picture(picture) => {
                self.out.push_str("<figure>");
                self.picture(picture);
                self.out.push_str("</figure>\n");
            }
            Item::Map(areas) => self.map(areas),
            Item::Form { action, method } => self.form(action, method),
            Item::Frame(url) => {
                self.open("iframe", &[("src", url), ("width", "560"), ("height", "315")]);
                self.out.push_str("</iframe>\n");
            }
            Item::Noscript(anchor) => {
                self.out.push_str("<noscript>");
                self.anchor(anchor);
                self.out.push_str("</noscript>\n");
            }
            Item::Decoy(decoy, url) => self.decoy(*decoy, url),
        }
    }

    fn paragraph(&mut self, runs: &[Run]) {
        self.out.push_str("<p>");
        for run in runs {
            match run {
                Run::Words(seed, count) => self.words(*seed, *count),
                Run::Anchor(anchor) => self.anchor(anchor),
            }
            self.out.push_str(self.language.space);
        }
        self.out.push_str("</p>\n");
    }

    fn words(&mut self, seed: u64, count: u64) {
        let mut stream = Stream::new(seed, Purpose::Page, count);
        for index in 0..count {
            let ends = index > 0 && stream.below(11) == 0;
            let before = if ends {
                self.language.stop
            } else {
                self.language.space
            };
            self.out.push_str(if index == 0 { "" } else { before });
            self.out.push_str(stream.pick(self.language.words));
        }
    }

    fn list(&mut self, class: &str, anchors: &[Anchor]) {
        self.open("ul", &[("class", class)]);
        self.out.push('\n');
        for (index, anchor) in anchors.iter().enumerate() {
            self.out.push_str(&format!("  <li class=\"item item-{index}\">"));
            self.anchor(anchor);
            self.out.push_str("</li>\n");
        }
        self.out.push_str("</ul>\n");
    }

    fn anchor(&mut self, anchor: &Anchor) {
        let mut attributes = vec![("href", anchor.url.as_str())];
        attributes.extend(anchor.rel.map(|rel| ("rel", rel)));
        if self.stream.per_mille(200) {
            attributes.insert(0, ("class", "link external"));
        }
        self.open("a", &attributes);
        if let Some(picture) = &anchor.picture {
            self.picture(picture);
        }
        self.anchor_text(&anchor.text);
        self.out.push_str(if self.capitals { "</A>" } else { "</a>" });
    }

    /// A text whose white space and inner markup vary, all with the same normal form.
    fn anchor_text(&mut self, text: &str) {
        let way = if text.is_empty() {
            100
        } else {
            self.stream.below(40)
        };
        let (before, space, after) = match way {
            0 => ("\n    ", "\n    ", "\n  "),
            1 => ("&nbsp;", "&nbsp;", " "),
            2 => ("<b>", "</b> <b>", "</b>"),
            3 => ("<span class=\"label\">", " \t ", "</span>"),
            4 => ("", "<!-- space --> ", ""),
            100 => ("<i class=\"icon\"></i>", "", ""),
            _ => ("", " ", ""),
        };
        self.out.push_str(before);
        for (index, word) in text.split(' ').enumerate() {
            if index > 0 {
                self.out.push_str(space);
            }
            self.text(word);
        }
        self.out.push_str(after);
    }

    fn picture(&mut self, picture: &Picture) {
        self.open(
            "img",
            &[("src", &picture.url), ("alt", &picture.alt), ("loading", "lazy")],
        );
    }

    fn map(&mut self, areas: &[Area]) {
        self.out.push_str("<map name=\"plan\">\n");
        for area in areas {
            let mut attributes = vec![
                ("shape", "circle"),
                ("coords", "5,5,3"),
                ("href", area.url.as_str()),
            ];
            attributes.extend(area.rel.map(|rel| ("rel", rel)));
            self.open("area", &attributes);
        }
        self.out.push_str("</map>\n");
    }

    fn form(&mut self, action: &str, method: &str) {
        self.open("form", &[("action", action), ("method", method)]);
        self.out
            .push_str("<input type=\"text\" name=\"q\"><button type=\"submit\">OK</button></form>\n");
    }

    fn decoy(&mut self, decoy: Decoy, url: &str) {
        let (before, after) = match decoy {
            Decoy::Comment => ("<!-- <a", ">old</a> -->"),
            Decoy::Script => ("<script>document.write('<a", ">x</a>');</script>"),
            Decoy::Textarea => ("<textarea><a", ">x</a></textarea>"),
            Decoy::Template => ("<template><a", ">x</a></template>"),
            Decoy::FrameText => ("<iframe><a", ">x</a></iframe>"),
            Decoy::DataAttribute => ("<span", ">x</span>"),
        };
        let name = if matches!(decoy, Decoy::DataAttribute) {
            "data-href"
        } else {
            "href"
        };
        self.out.push_str(before);
        self.attribute(name, url.trim(), '"');
        self.out.push_str(after);
        self.out.push('\n');
    }
}
