//! Tokens of small sources, case by case.

use super::reference::{Place, decoded};
use super::*;

fn tokens(source: &str) -> String {
    let mut scanner = Scanner::new(source);
    let mut out = String::new();
    loop {
        let token = scanner.next(|| true);
        match token {
            Token::Text(span) | Token::Cdata(span) => out += &format!("[{}]", scanner.text(span)),
            Token::Start(tag) | Token::End(tag) => {
                out += if matches!(token, Token::End(_)) { "(/" } else { "(" };
                out += scanner.text(tag.name);
                for attribute in scanner.attributes() {
                    out += &format!(
                        " {}={}",
                        scanner.text(attribute.name),
                        scanner.text(attribute.value)
                    );
                }
                out += if tag.self_closing { "/)" } else { ")" };
            }
            Token::Comment => out += "#",
            Token::Doctype(span, closed) => out += &format!("!{}{closed}", scanner.text(span)),
            Token::Eof => return out,
        }
    }
}

#[test]
fn tags_and_attributes() {
    for (source, expected) in [
        ("", ""),
        ("a<b>c</b >d", "[a](b)[c](/b)[d]"),
        ("<a href=x y='1\"' z = \"2>\"w/>", "(a href=x y=1\" z=2> w=/)"),
        ("<a/href=/x/>", "(a href=/x/)"),
        ("<a =x==y>", "(a =x==y)"),
        ("<a b= >", "(a b=)"),
        ("<a b c=d", ""),
        ("x<a b=\"c>", "[x]"),
        ("< a<1<", "[< a][<1][<]"),
        ("</><//></ x></", "##[</]"),
        ("<a / / b>", "(a b=)"),
    ] {
        assert_eq!(tokens(source), expected, "{source}");
    }
}

#[test]
fn comments_and_declarations() {
    for (source, expected) in [
        ("<!-->a<!--->b<!----->c", "#[a]#[b]#[c]"),
        ("<!--->-->a", "#[-->a]"),
        ("<!---!>a--!>b", "#[b]"),
        ("<!-- -- > ->a--!-->b", "#[b]"),
        ("<!--a", "#"),
        ("<!x>a<?x>b<!>c", "#[a]#[b]#[c]"),
        ("<!DocType html>a", "! htmltrue[a]"),
        ("<!doctype html", "! htmlfalse"),
        ("<![CDATA[<a>]]]>b<![CDATA[c", "[<a>]][b][c]"),
    ] {
        assert_eq!(tokens(source), expected, "{source}");
    }
}

#[test]
fn raw_text_ends_at_its_own_end_tag() {
    let end = |kind, name: &str, source| Scanner::new(source).raw_text(kind, name.as_bytes()).end;
    assert_eq!(end(RawKind::Rawtext, "Style", "a</styles></STYLE >"), 10);
    assert_eq!(end(RawKind::Rcdata, "title", "a<</title"), 9);
    assert_eq!(
        end(RawKind::Script, "script", "<!--<script></script>--></script>"),
        24
    );
    assert_eq!(end(RawKind::Script, "script", "<!--<script>--></script>"), 15);
    assert_eq!(end(RawKind::Script, "script", "<!--><script></script>"), 13);
    assert_eq!(end(RawKind::Script, "script", "<!--</script>"), 4);
    assert_eq!(end(RawKind::Plaintext, "plaintext", "</plaintext>"), 12);
}

#[test]
fn references_are_decoded_where_they_count() {
    for (source, text, value) in [
        ("a&amp;b&ampc&amp", "a&b&c&", "a&b&ampc&"),
        (
            "&copy=1&copy;&notit;&notin;",
            "\u{a9}=1\u{a9}\u{ac}it;\u{2209}",
            "&copy=1\u{a9}&notit;\u{2209}",
        ),
        ("&#65;&#x41&#X41;&#;&#x;&#", "AAA&#;&#x;&#", "AAA&#;&#x;&#"),
        (
            "&#0;&#128;&#xD800;&#99999999999;&#13;",
            "\u{fffd}\u{20ac}\u{fffd}\u{fffd}\r",
            "\u{fffd}\u{20ac}\u{fffd}\u{fffd}\r",
        ),
        ("a\r\nb\rc\0", "a\nb\nc\0", "a\nb\nc\u{fffd}"),
        ("&NotEqualTilde;&é", "\u{2242}\u{338}&é", "\u{2242}\u{338}&é"),
    ] {
        assert_eq!(decoded(source, Place::Data), text, "{source}");
        assert_eq!(decoded(source, Place::Attribute), value, "{source}");
    }
    assert_eq!(decoded("&amp;\0\r\n", Place::Raw), "&amp;\u{fffd}\n");
}
