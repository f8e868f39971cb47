//! Options of stunnel, of nginx's `stream` and of HAProxy, for people who bring their configuration: the key that takes the
//! place of each, or what does. In lower case, with `-` in place of `_`, as keys are compared. docs/run.md has the table.

/// Options, and our keys for them: the first one that the table may have.
const KEYS: &[(&str, &[&str])] = &[
    // stunnel
    ("accept", &["listen"]),
    ("connect", &["forward", "target"]),
    ("pskidentity", &["psk-id"]),
    ("psksecrets", &["psk-file"]),
    ("cafile", &["client-ca", "ca"]),
    ("requirecert", &["client-ca", "ca"]),
    ("verifychain", &["client-ca", "ca"]),
    ("verifypeer", &["client-pin", "pin"]),
    ("crlfile", &["client-crl", "crl"]),
    ("checkhost", &["name"]),
    ("checkip", &["name"]),
    ("sni", &["name"]),
    ("protocol", &["starttls"]),
    ("ciphers", &["suite"]),
    ("ciphersuites", &["suite"]),
    ("curve", &["group"]),
    ("curves", &["group"]),
    ("sslversion", &["tls"]),
    ("sslversionmin", &["tls"]),
    ("sslversionmax", &["tls"]),
    ("timeoutidle", &["idle-timeout"]),
    ("timeoutconnect", &["dial-timeout"]),
    ("timeoutbusy", &["handshake-timeout"]),
    // nginx
    ("proxy-pass", &["forward", "target"]),
    ("ssl-certificate", &["cert"]),
    ("ssl-certificate-key", &["key"]),
    ("ssl-password-file", &["passphrase"]),
    ("ssl-client-certificate", &["client-ca"]),
    ("ssl-verify-client", &["client-ca"]),
    ("ssl-crl", &["client-crl"]),
    ("ssl-protocols", &["tls"]),
    ("ssl-ciphers", &["suite"]),
    ("ssl-ecdh-curve", &["group"]),
    ("ssl-handshake-timeout", &["handshake-timeout"]),
    ("ssl-alpn", &["alpn"]),
    ("proxy-connect-timeout", &["dial-timeout"]),
    ("proxy-timeout", &["idle-timeout"]),
    ("proxy-protocol", &["proxy-protocol-out"]),
    ("proxy-ssl-name", &["name"]),
    ("proxy-ssl-certificate", &["cert"]),
    ("proxy-ssl-certificate-key", &["key"]),
    ("proxy-ssl-trusted-certificate", &["ca"]),
    ("set-real-ip-from", &["proxy-protocol-in"]),
    // HAProxy
    ("bind", &["listen"]),
    ("server", &["forward", "target"]),
    ("crt", &["cert"]),
    ("ca-file", &["client-ca", "ca"]),
    ("crl-file", &["client-crl", "crl"]),
    ("verifyhost", &["name"]),
    ("ssl-min-ver", &["tls"]),
    ("ssl-max-ver", &["tls"]),
    ("accept-proxy", &["proxy-protocol-in"]),
    ("send-proxy", &["proxy-protocol-out"]),
    ("send-proxy-v2", &["proxy-protocol-out"]),
    ("maxconn", &["max-connections"]),
];

/// Options without a key of ours, and what takes their place.
const NEEDLESS: &[(&str, &str)] = &[
    ("client", "a table [tunnel.NAME] is a client, [serve.NAME] a server: remove the key"),
    ("protocol", "clients of a server begin with TLS; STARTTLS is for tunnels"),
    ("foreground", "the program stays in the foreground, for systemd and other supervisors: remove the key"),
    ("pid", "the program writes no pid file; a supervisor knows its process: remove the key"),
    ("output", "the log goes to standard error, which the supervisor keeps: remove the key"),
    ("debug", "log = \"json\" or the flag --quiet say what is in the log: remove the key"),
    ("syslog", "the log goes to standard error, which the supervisor keeps: remove the key"),
    ("setuid", "the unit of systemd has User= or DynamicUser=: remove the key"),
    ("setgid", "the unit of systemd has Group=: remove the key"),
    ("chroot", "the unit of systemd has RootDirectory= and ProtectSystem=: remove the key"),
    ("options", "what these options of OpenSSL switch off does not exist here: remove the key"),
    ("verify", "a server with client-ca requires certificates, and a tunnel always verifies: remove the key"),
    ("renegotiation", "renegotiation does not exist here: remove the key"),
    ("reset", "a side that is cut off resets the other one, always: remove the key"),
    ("ssl", "a server speaks TLS to its clients, a tunnel to its target, always: remove the key"),
    ("proxy-ssl", "a tunnel speaks TLS to its target, always: remove the key"),
    ("proxy-ssl-verify", "a tunnel always verifies its target: remove the key"),
    ("mode", "all services are TCP: remove the key"),
];

/// What takes the place of an option of another program in a table with these keys, as the end of a sentence.
pub fn instead(option: &str, keys: &[String]) -> Option<String> {
    let ours = KEYS.iter().find(|(name, _)| *name == option).map(|(_, ours)| *ours).unwrap_or_default();
    if let Some(key) = ours.iter().find(|key| keys.iter().any(|found| found == *key)) {
        return Some(format!("; did you mean {key}?"));
    }
    NEEDLESS.iter().find(|(name, _)| *name == option).map(|(_, instead)| format!("; {instead}"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::{
        args::Arguments,
        run::vocabulary::{arguments, key},
    };

    fn keys(command: &str) -> Vec<String> {
        let program = Arguments::command();
        arguments(program.find_subcommand(command).expect("a command")).map(key).collect()
    }

    #[test]
    fn every_key_that_is_suggested_exists() {
        let (serve, tunnel) = (keys("serve"), keys("tunnel"));
        for key in KEYS.iter().flat_map(|(_, ours)| *ours) {
            assert!(serve.iter().chain(&tunnel).any(|found| found == key), "{key}");
        }
    }

    /// One who follows the table of the documentation halfway gets the same answer from `run --check`.
    #[test]
    fn every_option_of_the_documented_table_has_an_answer() {
        let text = include_str!("../../../docs/run.md");
        let table = text.split("## From stunnel, nginx and HAProxy").nth(1).expect("the section");
        let rows = table.lines().skip_while(|line| !line.starts_with("| ")).skip(2);
        let mut options = 0;
        for row in rows.take_while(|line| line.starts_with("| ")) {
            let theirs = row.rsplit_once(" | ").expect("columns").0;
            for option in theirs.split('`').skip(1).step_by(2) {
                let option = option.to_lowercase().replace('_', "-");
                let ours = ["serve", "tunnel"].map(keys);
                let has_answer =
                    |keys: &Vec<String>| keys.contains(&option) || instead(&option, keys).is_some();
                assert!(ours.iter().any(has_answer), "{option}");
                options += 1;
            }
        }
        assert!(options > 40, "{options} options were found");
    }
}
