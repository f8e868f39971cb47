//! Modules and tokens: a module is loaded and initialised once in a process, as PKCS#11 demands.

use std::{
    env::consts::DLL_SUFFIX,
    path::{Path, PathBuf},
    string::{String, ToString},
    sync::{Mutex, PoisonError},
    vec::Vec,
};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::{Error, RvError},
    session::{Session, SessionState, UserType},
    slot::{Slot, TokenInfo},
    types::AuthPin,
};
use zeroize::Zeroizing;

use super::{Pkcs11Error, Pkcs11Problem, Pkcs11Uri, TokenPin};

/// The modules of this process. They stay loaded: others may hold sessions of theirs.
static MODULES: Mutex<Vec<(PathBuf, Pkcs11)>> = Mutex::new(Vec::new());

/// A token with a session, logged in where it requires that.
pub(super) struct Token {
    pub(super) session: Session,
    pub(super) module: Pkcs11,
    pub(super) slot: Slot,
    /// The token in a message.
    pub(super) name: String,
    pub(super) label: String,
    /// The PIN is typed on the reader (CKF_PROTECTED_AUTHENTICATION_PATH).
    pub(super) pin_on_reader: bool,
}

impl Token {
    /// The PIN for one signature. `None`: it is typed on the reader.
    pub(super) fn signature_pin(
        &self,
        uri: &Pkcs11Uri,
        pin: &TokenPin,
    ) -> Result<Option<AuthPin>, Pkcs11Error> {
        if self.pin_on_reader {
            return Ok(None);
        }
        let pin = pin.read(uri, &self.label)?.ok_or_else(|| {
            Pkcs11Error::new(
                Pkcs11Problem::NoPin,
                std::format!("{} requires the PIN for each signature, and it is not given", self.name),
            )
        })?;
        Ok(Some(typed(pin)))
    }
}

/// The PIN as the module wants it; wiped when it is dropped.
fn typed(pin: Zeroizing<String>) -> AuthPin {
    AuthPin::from(String::from(pin.as_str()))
}

/// The file of the module: without one p11-kit's proxy shows the tokens of every configured module.
fn module_file(uri: &Pkcs11Uri) -> PathBuf {
    match (&uri.module_path, &uri.module_name) {
        (Some(path), _) => path.clone(),
        (None, Some(name)) => PathBuf::from(std::format!("lib{name}{DLL_SUFFIX}")),
        (None, None) => PathBuf::from(std::format!("p11-kit-proxy{DLL_SUFFIX}")),
    }
}

fn load(path: &Path) -> Result<Pkcs11, Pkcs11Error> {
    let mut modules = MODULES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, module)) = modules.iter().find(|(loaded, _)| loaded == path) {
        return Ok(module.clone());
    }
    let failed = |error: Error| {
        let reason = match &error {
            Error::LibraryLoading(reason) => reason.to_string(),
            other => super::error::words(other),
        };
        Pkcs11Error::new(
            Pkcs11Problem::Module,
            std::format!(
                "the PKCS#11 module {} does not load: {reason}; name its file with module-path=/PATH in the URI",
                path.display()
            ),
        )
    };
    let module = Pkcs11::new(path).map_err(failed)?;
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        // Another library of this process was first.
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(error) => return Err(failed(error)),
    }
    modules.push((path.to_path_buf(), module.clone()));
    Ok(module)
}

/// Opens a session with the token of the URI and logs in. `writes` for a session that makes objects.
pub(super) fn open(uri: &Pkcs11Uri, pin: &TokenPin, writes: bool) -> Result<Token, Pkcs11Error> {
    if let Some(unknown) = uri.unknown.first() {
        return Err(Pkcs11Error::new(
            Pkcs11Problem::NoToken,
            std::format!(
                "the attribute {unknown:?} of the PKCS#11 URI is not known here, so nothing can match it"
            ),
        ));
    }
    let module = load(&module_file(uri))?;
    let (slot, info) = find(&module, uri)?;
    let name = std::format!("the token {:?}", info.label());
    let opened = if writes { module.open_rw_session(slot) } else { module.open_ro_session(slot) };
    let session =
        opened.map_err(|error| Pkcs11Error::call(&std::format!("{name} cannot be opened"), &error))?;
    if info.login_required() && !is_logged_in(&session) {
        login(&session, &info, uri, pin)?;
    }
    let (label, pin_on_reader) = (info.label().to_string(), info.protected_authentication_path());
    Ok(Token { session, module, slot, name, label, pin_on_reader })
}

/// The one token that matches.
fn find(module: &Pkcs11, uri: &Pkcs11Uri) -> Result<(Slot, TokenInfo), Pkcs11Error> {
    let failed = |error: Error| Pkcs11Error::call("the tokens cannot be listed", &error);
    let slots = module.get_slots_with_token().map_err(failed)?;
    // Blank tokens cannot have a key. One that cannot be asked, such as one that was removed meanwhile, is
    // no obstacle to the use of another.
    let all: Vec<(Slot, TokenInfo)> = slots
        .into_iter()
        .filter_map(|slot| Some((slot, module.get_token_info(slot).ok()?)))
        .filter(|(_, info)| info.token_initialized())
        .collect();
    let names: Vec<String> = all.iter().map(|(_, info)| std::format!("{:?}", info.label())).collect();
    let is = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|wanted| wanted == found);
    let mut matching = all.into_iter().filter(|(slot, info)| {
        is(&uri.token, info.label())
            && is(&uri.manufacturer, info.manufacturer_id())
            && is(&uri.model, info.model())
            && is(&uri.serial, info.serial_number())
            && uri.slot_id.is_none_or(|number| number == slot.id())
    });
    match (matching.next(), matching.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(Pkcs11Error::new(
            Pkcs11Problem::NoToken,
            match names.is_empty() {
                true => std::format!("no token is there for {uri}: insert it, or initialise it"),
                false => std::format!("no token matches {uri}; there are {}", names.join(", ")),
            },
        )),
        (Some(_), Some(_)) => Err(Pkcs11Error::new(
            Pkcs11Problem::SeveralTokens,
            std::format!(
                "several tokens match {uri}: name one with token=, serial= or slot-id=; there are {}",
                names.join(", ")
            ),
        )),
    }
}

/// Whether another session of this process has logged in: then no PIN is asked for.
fn is_logged_in(session: &Session) -> bool {
    let state = session.get_session_info().map(|info| info.session_state());
    matches!(state, Ok(SessionState::RoUser | SessionState::RwUser))
}

fn login(session: &Session, info: &TokenInfo, uri: &Pkcs11Uri, pin: &TokenPin) -> Result<(), Pkcs11Error> {
    let label = info.label();
    let pin = match info.protected_authentication_path() {
        // It is typed on the reader.
        true => None,
        false => match pin.read(uri, label)? {
            Some(pin) => Some(typed(pin)),
            // Public objects, and private ones of a token that is logged in already.
            None => return Ok(()),
        },
    };
    match session.login(UserType::User, pin.as_ref()) {
        // By another session of this process.
        Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
        Err(error) => {
            let failed = Pkcs11Error::call(&std::format!("the token {label:?} refuses the login"), &error);
            // What it says after this attempt is not asked: a card may count it as another one.
            match info.user_pin_final_try() || info.user_pin_count_low() {
                true => {
                    Err(Pkcs11Error::new(failed.problem, std::format!("{failed}; few attempts are left")))
                }
                false => Err(failed),
            }
        }
    }
}
