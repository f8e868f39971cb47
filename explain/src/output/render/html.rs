//! The result as one self-contained HTML page without scripts or external resources: the verdict, its
//! evidence, the message diagram as SVG, and the bytes of every message.

mod bytes;
mod keyless;
mod style;

use keyless::keyless;

use super::{KEY_LOGS, Options, rfc3339, suggestions, svg, verdict};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::explanation::{Diagnosis, Explanation};
use crate::diagnosis::finding::{Finding, Severity};
use crate::diagnosis::fix;
use crate::diagnosis::ruled_out::ruled_out;
use crate::input::evidence::TypedSecret;

/// Renders an explanation as one HTML page without scripts or external resources. Pre-shared keys of
/// the evidence are left out, so that the page can be passed on.
///
/// ```
/// # fn main() -> Result<(), handclasp_explain::Error> {
/// use handclasp_explain::{explain_bytes, render};
///
/// let explanation = explain_bytes(b"15 03 03 00 02 02 28")?;
/// let page = render::html(&explanation, &render::Options::default());
/// assert!(page.starts_with("<!DOCTYPE html>"));
/// # Ok(())
/// # }
/// ```
pub fn html(explained: &Explanation, look: &Options) -> String {
    let index = verdict::shown(explained, look);
    let diagnosis = index.and_then(|index| explained.conversations.get(index));
    let mut page = Page { out: String::new(), psks: &explained.supplied.psks };
    page.head(look, diagnosis);
    page.verdict(explained, diagnosis, look);
    page.section(verdict::LOGGED, &verdict::logged(explained));
    page.conversations(explained, index);
    if let Some(diagnosis) = diagnosis {
        page.ladder(explained, diagnosis);
        page.section("Not the cause", &ruled_out(&diagnosis.conversation, &diagnosis.findings));
    }
    page.section(verdict::SERVER_NOW, &explained.server_now_lines());
    page.suggestions(&suggestions::lines(explained, &look.file));
    page.advice(diagnosis);
    match (&explained.dissection, diagnosis) {
        (Some(pasted), _) => bytes::pasted(&mut page.out, pasted),
        (None, Some(diagnosis)) => bytes::messages(&mut page.out, &diagnosis.conversation),
        (None, None) => {}
    }
    page.out += "</main>\n</body>\n</html>\n";
    page.out
}

struct Page<'a> {
    out: String,
    psks: &'a [TypedSecret],
}

impl Page<'_> {
    fn head(&mut self, look: &Options, diagnosis: Option<&Diagnosis>) {
        let file = escape(&look.file);
        self.out += &format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <title>{file}: why the handshake failed</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n\
             <header><span class=\"brand\">handclasp explain</span> <span class=\"file\">{file}</span>",
            style::STYLE
        );
        if let Some(diagnosis) = diagnosis {
            let conversation = &diagnosis.conversation;
            let started = conversation.events.first().and_then(|item| item.position.time).and_then(rfc3339);
            let ends = [&conversation.client, &conversation.server].map(|end| escape(end));
            if !ends[0].is_empty() {
                self.out += &format!(" <span>{} → {}</span>", ends[0], ends[1]);
            }
            if let Some(started) = started {
                self.out += &format!(" <time>{started}</time>");
            }
        }
        self.out += "</header>\n";
    }

    fn verdict(&mut self, explained: &Explanation, diagnosis: Option<&Diagnosis>, look: &Options) {
        let failures = verdict::failures(explained, look);
        let Some((first, others)) = failures.split_first() else {
            let (text, good) = verdict::without_failure(explained, diagnosis);
            let class = if good { "verdict good" } else { "verdict" };
            self.out += &format!("<section class=\"{class}\"><h1>{}</h1></section>\n", escape(&text));
            return;
        };
        self.out += &format!(
            "<section class=\"verdict\"><p class=\"tags\"><span class=\"grade {0}\">{0}</span> <code>{1}</code></p>\
             <h1>{2}</h1>",
            first.confidence.id(),
            first.cause.id(),
            escape(&first.summary)
        );
        self.fixes(first);
        self.out += "</section>\n";
        self.section("Evidence", &first.evidence);
        if !others.is_empty() {
            self.findings(verdict::others(others), others, |finding| verdict::is_settled(first, finding));
        }
    }

    fn fixes(&mut self, finding: &Finding) {
        let first = fix::by_side(finding.side, &finding.fix).next();
        let title = first.map_or(finding.side, |(side, _)| side);
        self.out += &format!("<div class=\"fix\"><h2>{}</h2><ul>", title.title());
        for (side, fix) in fix::by_side(finding.side, &finding.fix) {
            let fix = keyless(fix, self.psks);
            let fix = match side.place().filter(|_| side != title) {
                Some(side) => format!("({side}) {fix}"),
                None => fix,
            };
            self.out += &format!("<li>{}</li>", with_code(&fix));
        }
        self.out += "</ul>";
        self.how(finding);
        self.out += "</div>";
    }

    /// The settings of the software that is recognised.
    fn how(&mut self, finding: &Finding) {
        for how in &finding.how {
            let lines: String =
                how.lines.iter().map(|line| format!("<li>{}</li>", with_code(line))).collect();
            self.out += &format!("<p>With {}:</p><ul>{lines}</ul>", escape(&how.title()));
        }
    }

    fn section(&mut self, title: &str, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        self.out += &format!("<section><h2>{title}</h2><ul>");
        for line in lines {
            self.out += &format!("<li>{}</li>", with_code(line));
        }
        self.out += "</ul></section>\n";
    }

    fn findings(&mut self, title: &str, findings: &[&Finding], brief: impl Fn(&Finding) -> bool) {
        self.out += &format!("<section><h2>{title}</h2>");
        for finding in findings {
            self.out += &format!(
                "<article><p>{} <span class=\"grade {2}\">{2}</span> <code>{1}</code></p>",
                escape(&finding.summary),
                finding.cause.id(),
                finding.confidence.id()
            );
            if brief(finding) {
                self.out += "</article>";
                continue;
            }
            if !finding.evidence.is_empty() {
                let lines: String =
                    finding.evidence.iter().map(|line| format!("<li>{}</li>", with_code(line))).collect();
                self.out += &format!("<ul>{lines}</ul>");
            }
            for text in fix::lines(finding.side, &finding.fix) {
                self.out += &format!("<p class=\"change\">{}</p>", with_code(&keyless(&text, self.psks)));
            }
            self.how(finding);
            self.out += "</article>";
        }
        self.out += "</section>\n";
    }

    fn conversations(&mut self, explained: &Explanation, shown: Option<usize>) {
        let all = &explained.conversations;
        if all.len() < 2 {
            return;
        }
        self.out += &format!(
            "<section><h2>{} conversations</h2><table><tr><th></th><th>client</th><th>server</th><th>version</th>\
             <th>outcome</th></tr>",
            all.len() + explained.omitted
        );
        for index in verdict::table(all, shown, 200) {
            let Some(diagnosis) = all.get(index) else { continue };
            let conversation = &diagnosis.conversation;
            let failure = diagnosis.findings.iter().find(|finding| finding.severity == Severity::Failure);
            let outcome = match failure {
                Some(finding) => format!("<code>{}</code> {}", finding.cause.id(), finding.confidence.id()),
                None => "nothing failed".to_owned(),
            };
            let version = conversation.version().map(|version| handclasp_report::Named(version).to_string());
            self.out += &format!(
                "<tr{}><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{outcome}</td></tr>",
                if shown == Some(index) { " class=\"shown\"" } else { "" },
                index + 1,
                escape(&conversation.client),
                escape(&conversation.server),
                version.unwrap_or_default(),
            );
        }
        self.out += "</table></section>\n";
    }

    fn ladder(&mut self, explained: &Explanation, diagnosis: &Diagnosis) {
        // A single pasted message is shown as bytes only.
        if explained.dissection.is_some() && diagnosis.conversation.events.len() < 2 {
            return;
        }
        let picture = svg::ladder(&diagnosis.conversation);
        if !picture.is_empty() {
            self.out += &format!("<section class=\"ladder\"><h2>What happened</h2>{picture}</section>\n");
        }
    }

    fn suggestions(&mut self, all: &[suggestions::Suggestion]) {
        if all.is_empty() {
            return;
        }
        self.out += "<section><h2>For a more certain answer</h2>";
        for suggestion in all {
            self.out +=
                &format!("<p>{}</p><pre>{}</pre>", escape(&suggestion.why), escape(&suggestion.command));
        }
        if all.iter().any(|suggestion| suggestion.needs_key_log) {
            self.out += "<details><summary>How to write a key log</summary><table>";
            for (who, how) in KEY_LOGS {
                self.out +=
                    &format!("<tr><td>{}</td><td><code>{}</code></td></tr>", escape(who), escape(how));
            }
            self.out += "</table></details>";
        }
        self.out += "</section>\n";
    }

    fn advice(&mut self, diagnosis: Option<&Diagnosis>) {
        let findings = diagnosis.map(|diagnosis| diagnosis.findings.as_slice()).unwrap_or_default();
        let worth = |finding: &&Finding| finding.severity == Severity::Advice && finding.cause != Cause::None;
        let advice: Vec<&Finding> = findings.iter().filter(worth).collect();
        if !advice.is_empty() {
            self.findings("Worth knowing", &advice, |_| false);
        }
    }
}

/// Escapes text for HTML.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for found in super::harmless(text).chars() {
        match found {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            other => out.push(other),
        }
    }
    out
}

/// Escapes text for HTML; text between backquotes becomes `<code>`.
fn with_code(text: &str) -> String {
    let mut out = String::new();
    for (number, part) in text.split('`').enumerate() {
        let part = escape(part);
        if number % 2 == 1 {
            out += &format!("<code>{part}</code>");
        } else {
            out += &part;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_becomes_markup() {
        assert_eq!(escape("<a href=\"x\">'&'"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;");
        assert_eq!(with_code("use `-psk <HEX>` & go"), "use <code>-psk &lt;HEX&gt;</code> &amp; go");
    }

    #[test]
    fn names_of_peers_are_text_in_the_page() {
        let hello = b"\x16\x03\x03\x00\x4c\x01\x00\x00\x48\x03\x03";
        let mut bytes = hello.to_vec();
        bytes.extend([7; 32]);
        bytes.extend(b"\x00\x00\x02\xc0\x2f\x01\x00\x00\x1d\x00\x00\x00\x19\x00\x17\x00\x00\x14");
        bytes.extend(b"<script>x()</script>");
        let page = html(
            &Explanation::of_dissection(crate::diagnosis::dissection::dissect(&bytes)),
            &Options { file: "<file>".to_owned(), ..Options::default() },
        );
        assert!(!page.contains("<script"), "{page}");
        assert!(page.contains("&lt;script&gt;") && page.contains("&lt;file&gt;"), "{page}");
        assert!(!page.contains("http://") && !page.contains("https://"));
    }
}
