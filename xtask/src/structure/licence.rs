//! Whether a licence expression (SPDX) can be met with licences that we accept.

/// Accepted: permissive, compatible with MIT OR Apache-2.0 in a binary.
const ACCEPTED: &[&str] = &[
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "0BSD",
    "Zlib",
    "Unlicense",
    "CC0-1.0",
    "Unicode-3.0",
    "CDLA-Permissive-2.0",
];

/// Whether the expression holds with the accepted licences.
pub fn accepted(expression: &str) -> bool {
    // `MIT/Apache-2.0` is how crates wrote OR before SPDX.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    any(&mut rest) == Some(true) && rest.is_empty()
}

/// `all OR all …`
fn any(rest: &mut &[&str]) -> Option<bool> {
    let mut holds = all(rest)?;
    while let ["OR", after @ ..] = *rest {
        *rest = after;
        holds |= all(rest)?;
    }
    Some(holds)
}

/// `one AND one …`
fn all(rest: &mut &[&str]) -> Option<bool> {
    let mut holds = one(rest)?;
    while let ["AND", after @ ..] = *rest {
        *rest = after;
        holds &= one(rest)?;
    }
    Some(holds)
}

/// A licence, one with an exception, or an expression in parentheses.
fn one(rest: &mut &[&str]) -> Option<bool> {
    match *rest {
        ["(", after @ ..] => {
            *rest = after;
            let holds = any(rest)?;
            let after = rest.strip_prefix(&[")"])?;
            *rest = after;
            Some(holds)
        }
        [licence, "WITH", exception, after @ ..] => {
            *rest = after;
            Some(ACCEPTED.contains(&format!("{licence} WITH {exception}").as_str()))
        }
        [licence, after @ ..] => {
            *rest = after;
            Some(ACCEPTED.contains(licence))
        }
        [] => None,
    }
}

#[cfg(test)]
mod tests {
    use super::accepted;

    #[test]
    fn expressions_are_met_or_not() {
        for good in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0 OR MIT",
            "ISC AND (Apache-2.0 OR OpenSSL)",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
        ] {
            assert!(accepted(good), "{good}");
        }
        for bad in
            ["", "GPL-3.0", "MIT AND GPL-3.0", "MIT OR", "(MIT", "MIT)", "MIT WITH x", "ISC AND (OpenSSL)"]
        {
            assert!(!accepted(bad), "{bad}");
        }
    }
}
