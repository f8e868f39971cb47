//! XMPP: an XML stream, and `<starttls/>` in it (RFC 6120 §5.4). Tags are read up to their `>`; what
//! stands between them is not interpreted.

use super::{
    trouble::{Trouble, printable},
    wire::Wire,
};

const NAMESPACE: &str = "urn:ietf:params:xml:ns:xmpp-tls";

/// Tags of one answer. Features of servers have some dozens.
const MOST_TAGS: usize = 400;

/// Asks a server for TLS; `namespace` is that of clients or of servers.
pub async fn negotiate(wire: &mut Wire<'_>, host: &str, namespace: &str) -> Result<(), Trouble> {
    // A name that is valid for a certificate has nothing that XML escapes.
    let to: String = host.chars().filter(|c| !"<>&'\"".contains(*c)).collect();
    wire.send(format!(
        "<?xml version='1.0'?><stream:stream xmlns='{namespace}' \
         xmlns:stream='http://etherx.jabber.org/streams' to='{to}' version='1.0'>"
    ))
    .await?;
    let expected = "stream features";
    let features = read_until(wire, expected, |tag| {
        matches!(name(tag), "/stream:features" | "/features") || is_empty_element(tag, "features")
    })
    .await?;
    if !features.iter().any(|tag| local(tag) == "starttls") {
        let listed: Vec<&str> = features.iter().map(|tag| name(tag)).filter(|name| is_child(name)).collect();
        let listed = printable(listed.join(", ").as_bytes());
        return Err(Trouble::NotOffered(format!("its stream features lack starttls: {listed}")));
    }
    wire.send(format!("<starttls xmlns='{NAMESPACE}'/>")).await?;
    let expected = "<proceed/> after <starttls/>";
    let answer = read_until(wire, expected, |tag| {
        name(tag) == "/proceed" || is_empty_element(tag, "proceed") || local(tag) == "failure"
    })
    .await?;
    match answer.last().is_some_and(|tag| local(tag) == "failure") {
        true => Err(Trouble::unexpected(expected, answer.concat())),
        // The server must not send anything behind it, not even white space (RFC 6120 §5.3.2).
        false => wire.nothing_more().await,
    }
}

/// Answers a client, or another server, up to its request.
pub async fn answer(wire: &mut Wire<'_>) -> Result<(), Trouble> {
    let opening = read_until(wire, "a stream header", |tag| local(tag) == "stream").await?;
    let opening = opening.last().map(String::as_str).unwrap_or_default();
    let namespace = if opening.contains("jabber:server") { "jabber:server" } else { "jabber:client" };
    let from = attribute(opening, "to").map(|to| format!(" from='{to}'")).unwrap_or_default();
    wire.send(format!(
        "<?xml version='1.0'?><stream:stream xmlns='{namespace}' \
         xmlns:stream='http://etherx.jabber.org/streams' id='handclasp'{from} version='1.0'>\
         <stream:features><starttls xmlns='{NAMESPACE}'><required/></starttls></stream:features>"
    ))
    .await?;
    read_until(wire, "<starttls/>", |tag| name(tag) == "/starttls" || is_empty_element(tag, "starttls"))
        .await?;
    wire.nothing_more().await?;
    wire.send(format!("<proceed xmlns='{NAMESPACE}'/>")).await
}

/// Tags up to one that ends the message. An error of the stream, or its end, is not expected.
async fn read_until(
    wire: &mut Wire<'_>,
    expected: &str,
    is_last: impl Fn(&str) -> bool,
) -> Result<Vec<String>, Trouble> {
    let mut tags = Vec::new();
    while tags.len() < MOST_TAGS {
        let tag = wire.tag(expected).await?;
        let (last, ends) = (is_last(&tag), matches!(name(&tag), "/stream:stream" | "/stream:error"));
        if !tag.contains('<') {
            return Err(Trouble::unexpected(expected, tag));
        }
        tags.push(tag);
        if last {
            return Ok(tags);
        }
        if ends {
            return Err(Trouble::unexpected(expected, tags.concat()));
        }
    }
    Err(Trouble::TooLong("XML tags", MOST_TAGS))
}

/// The name in a tag, with the slash of an end tag and the prefix.
fn name(tag: &str) -> &str {
    let inside = tag.rsplit_once('<').map_or(tag, |(_, inside)| inside).trim_end_matches('>');
    let inside = inside.strip_suffix('/').unwrap_or(inside);
    inside.split(char::is_whitespace).next().unwrap_or_default()
}

/// The name without its prefix.
fn local(tag: &str) -> &str {
    let name = name(tag);
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

fn is_empty_element(tag: &str, wanted: &str) -> bool {
    tag.trim_end().ends_with("/>") && local(tag) == wanted
}

/// Whether a name is that of an element inside of the features.
fn is_child(name: &str) -> bool {
    !name.starts_with(['/', '?']) && !name.ends_with("stream") && !name.ends_with("features")
}

/// The value of an attribute, if it can be repeated as it is.
fn attribute<'t>(tag: &'t str, wanted: &str) -> Option<&'t str> {
    let mut places = tag.match_indices(wanted);
    places.find_map(|(place, _)| {
        let before = tag.get(..place)?.ends_with(char::is_whitespace);
        let rest = tag.get(place..)?.strip_prefix(wanted)?.strip_prefix('=')?;
        let quote = rest.chars().next().filter(|quote| before && matches!(quote, '\'' | '"'))?;
        let value = rest.get(1..)?.split(quote).next()?;
        let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | ':' | '_');
        value.chars().all(is_plain).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_attributes_of_tags() {
        for (tag, whole, short) in [
            ("<stream:features>", "stream:features", "features"),
            (" \n<starttls xmlns='a'/>", "starttls", "starttls"),
            ("text</proceed>", "/proceed", "/proceed"),
            ("<proceed/>", "proceed", "proceed"),
            ("no tag", "no", "no"),
        ] {
            assert_eq!((name(tag), local(tag)), (whole, short), "{tag}");
        }
        assert_eq!(attribute("<a xmlns:to='b' to=\"c.example\">", "to"), Some("c.example"));
        assert_eq!(attribute("<a to='c>'", "to"), None);
        assert_eq!(attribute("<a from='b'>", "to"), None);
    }
}
