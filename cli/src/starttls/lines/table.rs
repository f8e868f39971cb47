//! What is said, and what is expected, in protocols of lines.

use super::{super::Protocol, begins};

/// One command of a client and the reply that it needs.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Empty: the server speaks first. `{me}` is our name.
    pub command: &'static str,
    /// The command in messages.
    pub after: &'static str,
    pub reply: Reply,
    /// Beginnings of a status with which the dialogue goes on.
    pub good: &'static [&'static str],
    /// Beginnings of a status that says that the server does not know STARTTLS.
    pub refusals: &'static [&'static str],
    /// A word that the reply must list.
    pub must_list: Option<&'static str>,
    /// The next step is tried also after a refusal.
    pub may_fail: bool,
}

/// Where a reply ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// One line.
    Line,
    /// A code of three digits; `-` behind it begins several lines, the last of which repeats the code.
    Code,
    /// After a good first line, a line that is a dot.
    Dotted,
    /// A line that begins with the tag.
    Tagged(&'static str),
    /// A line that begins with OK, NO or BYE.
    Sieve,
}

impl Step {
    const fn of(
        command: &'static str,
        after: &'static str,
        reply: Reply,
        good: &'static [&'static str],
    ) -> Self {
        Self { command, after, reply, good, refusals: &[], must_list: None, may_fail: false }
    }

    const fn greeting(reply: Reply, good: &'static [&'static str]) -> Self {
        Self::of("", "", reply, good)
    }

    const fn refused_by(self, refusals: &'static [&'static str]) -> Self {
        Self { refusals, ..self }
    }

    const fn lists(self, word: &'static str) -> Self {
        Self { must_list: Some(word), ..self }
    }

    const fn or_next(self) -> Self {
        Self { may_fail: true, ..self }
    }

    /// In messages: "220 after STARTTLS".
    pub fn expected(&self) -> String {
        let good = self.good.join(" or ");
        if self.after.is_empty() {
            format!("the greeting {good}")
        } else {
            format!("{good} after {}", self.after)
        }
    }

    /// Whether a status lets the dialogue go on.
    pub fn is_good(&self, status: &str) -> bool {
        self.good.iter().any(|good| begins(status, good))
    }
}

/// The steps of a client; the last one begins TLS.
pub fn client(protocol: Protocol) -> &'static [Step] {
    match protocol {
        Protocol::Smtp => SMTP,
        Protocol::Imap => IMAP,
        Protocol::Pop3 => POP3,
        Protocol::Ftp => FTP,
        Protocol::Nntp => NNTP,
        Protocol::Sieve => SIEVE,
        Protocol::Xmpp
        | Protocol::XmppServer
        | Protocol::Ldap
        | Protocol::Postgres
        | Protocol::Mysql
        | Protocol::Rdp => &[],
    }
}

/// RFC 3207 §4.
const SMTP: &[Step] = &[
    Step::greeting(Reply::Code, &["220"]),
    Step::of("EHLO {me}", "EHLO", Reply::Code, &["250"]).refused_by(&["500", "502"]).lists("STARTTLS"),
    Step::of("STARTTLS", "STARTTLS", Reply::Code, &["220"]).refused_by(&["500", "502"]),
];

/// RFC 9051 §6.2.1.
const IMAP: &[Step] = &[
    Step::greeting(Reply::Line, &["* OK"]),
    Step::of("a1 CAPABILITY", "CAPABILITY", Reply::Tagged("a1"), &["a1 OK"]).lists("STARTTLS"),
    Step::of("a2 STARTTLS", "STARTTLS", Reply::Tagged("a2"), &["a2 OK"]).refused_by(&["a2 BAD"]),
];

/// RFC 2595 §4; CAPA is optional (RFC 2449).
const POP3: &[Step] = &[
    Step::greeting(Reply::Line, &["+OK"]),
    Step::of("CAPA", "CAPA", Reply::Dotted, &["+OK"]).lists("STLS").or_next(),
    Step::of("STLS", "STLS", Reply::Line, &["+OK"]),
];

/// RFC 4217 §4; what FEAT lists differs between servers, so AUTH is tried at once.
const FTP: &[Step] = &[
    Step::greeting(Reply::Code, &["220"]),
    Step::of("AUTH TLS", "AUTH TLS", Reply::Code, &["234"]).refused_by(&["500", "502", "504", "530", "534"]),
];

/// RFC 4642 §2.2; CAPABILITIES is of RFC 3977, older servers do not know it.
const NNTP: &[Step] = &[
    Step::greeting(Reply::Line, &["200", "201"]),
    Step::of("CAPABILITIES", "CAPABILITIES", Reply::Dotted, &["101"]).lists("STARTTLS").or_next(),
    Step::of("STARTTLS", "STARTTLS", Reply::Line, &["382"]).refused_by(&["500"]),
];

/// RFC 5804 §2.2.
const SIEVE: &[Step] = &[
    Step::greeting(Reply::Sieve, &["OK"]).lists("STARTTLS"),
    Step::of("STARTTLS", "STARTTLS", Reply::Sieve, &["OK"]),
];

/// What a server says.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    pub greeting: &'static str,
    /// The request that begins TLS, in messages.
    pub request: &'static str,
    /// Commands begin with a tag, which replies repeat as `{tag}`.
    pub is_tagged: bool,
    /// Commands, what follows from each, and its reply.
    pub commands: &'static [(&'static str, (Outcome, &'static str))],
    /// The reply to anything else.
    pub otherwise: &'static str,
}

/// What follows from a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The next command.
    GoesOn,
    /// TLS.
    Starts,
    /// The client leaves without TLS.
    Ends,
}

use Outcome::{Ends, GoesOn, Starts};

/// The service of a protocol.
pub fn server(protocol: Protocol) -> Service {
    match protocol {
        Protocol::Imap => IMAP_SERVICE,
        Protocol::Pop3 => POP3_SERVICE,
        Protocol::Ftp => FTP_SERVICE,
        Protocol::Nntp => NNTP_SERVICE,
        Protocol::Sieve => SIEVE_SERVICE,
        Protocol::Smtp
        | Protocol::Xmpp
        | Protocol::XmppServer
        | Protocol::Ldap
        | Protocol::Postgres
        | Protocol::Mysql
        | Protocol::Rdp => SMTP_SERVICE,
    }
}

const SMTP_SERVICE: Service = Service {
    greeting: "220 localhost ESMTP handclasp\r\n",
    request: "STARTTLS",
    is_tagged: false,
    commands: &[
        ("EHLO", (GoesOn, "250-localhost\r\n250-8BITMIME\r\n250 STARTTLS\r\n")),
        ("LHLO", (GoesOn, "250-localhost\r\n250-8BITMIME\r\n250 STARTTLS\r\n")),
        ("HELO", (GoesOn, "250 localhost\r\n")),
        ("NOOP", (GoesOn, "250 2.0.0 Done\r\n")),
        ("RSET", (GoesOn, "250 2.0.0 Done\r\n")),
        ("STARTTLS", (Starts, "220 2.0.0 Begin TLS\r\n")),
        ("QUIT", (Ends, "221 2.0.0 Bye\r\n")),
    ],
    otherwise: "530 5.7.0 Only STARTTLS is served here\r\n",
};

const IMAP_SERVICE: Service = Service {
    greeting: "* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] handclasp\r\n",
    request: "STARTTLS",
    is_tagged: true,
    commands: &[
        ("CAPABILITY", (GoesOn, "* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\n{tag} OK Completed\r\n")),
        ("ID", (GoesOn, "* ID NIL\r\n{tag} OK Completed\r\n")),
        ("NOOP", (GoesOn, "{tag} OK Completed\r\n")),
        ("STARTTLS", (Starts, "{tag} OK Begin TLS\r\n")),
        ("LOGOUT", (Ends, "* BYE Closing\r\n{tag} OK Completed\r\n")),
    ],
    otherwise: "{tag} NO [PRIVACYREQUIRED] Only STARTTLS is served here\r\n",
};

const POP3_SERVICE: Service = Service {
    greeting: "+OK handclasp\r\n",
    request: "STLS",
    is_tagged: false,
    commands: &[
        ("CAPA", (GoesOn, "+OK Capabilities follow\r\nSTLS\r\n.\r\n")),
        ("NOOP", (GoesOn, "+OK Done\r\n")),
        ("STLS", (Starts, "+OK Begin TLS\r\n")),
        ("QUIT", (Ends, "+OK Bye\r\n")),
    ],
    otherwise: "-ERR Only STLS is served here\r\n",
};

const FTP_SERVICE: Service = Service {
    greeting: "220 handclasp\r\n",
    request: "AUTH TLS",
    is_tagged: false,
    commands: &[
        ("FEAT", (GoesOn, "211-Features\r\n AUTH TLS\r\n211 End\r\n")),
        ("NOOP", (GoesOn, "200 Done\r\n")),
        ("AUTH TLS", (Starts, "234 Begin TLS\r\n")),
        ("AUTH SSL", (Starts, "234 Begin TLS\r\n")),
        ("QUIT", (Ends, "221 Bye\r\n")),
    ],
    otherwise: "530 Only AUTH TLS is served here\r\n",
};

const NNTP_SERVICE: Service = Service {
    greeting: "200 handclasp\r\n",
    request: "STARTTLS",
    is_tagged: false,
    commands: &[
        ("CAPABILITIES", (GoesOn, "101 Capabilities follow\r\nVERSION 2\r\nREADER\r\nSTARTTLS\r\n.\r\n")),
        ("MODE READER", (GoesOn, "200 Posting permitted\r\n")),
        ("STARTTLS", (Starts, "382 Begin TLS\r\n")),
        ("QUIT", (Ends, "205 Bye\r\n")),
    ],
    otherwise: "483 Only STARTTLS is served here\r\n",
};

const SIEVE_SERVICE: Service = Service {
    greeting: "\"IMPLEMENTATION\" \"handclasp\"\r\n\"SASL\" \"\"\r\n\"SIEVE\" \"\"\r\n\"STARTTLS\"\r\nOK \
               \"Ready\"\r\n",
    request: "STARTTLS",
    is_tagged: false,
    commands: &[
        ("CAPABILITY", (GoesOn, "\"IMPLEMENTATION\" \"handclasp\"\r\n\"STARTTLS\"\r\nOK \"Completed\"\r\n")),
        ("NOOP", (GoesOn, "OK \"Done\"\r\n")),
        ("STARTTLS", (Starts, "OK \"Begin TLS\"\r\n")),
        ("LOGOUT", (Ends, "OK \"Bye\"\r\n")),
    ],
    otherwise: "NO \"Only STARTTLS is served here\"\r\n",
};
