//! A private key that this program cannot read: the identity holds a signer, and the signer asks whatever holds
//! the key. Here that is another thread; a token, an agent or a remote service fit in the same place.

use std::{
    error::Error,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    thread,
};

use handclasp::{
    CertificateParams, Client, Identity, IssuedCertificate, KEYS, KeyEncoding, Pin, Random, Server,
    SignError, SignatureScheme, SigningKey, SystemRandom, Trust,
};

/// A message to sign, and where the signature goes.
type Request = (SignatureScheme, Vec<u8>, mpsc::Sender<Result<Vec<u8>, SignError>>);

/// Knows the public key and what it can sign; the private key stays with the keeper.
struct Remote {
    public_key: Vec<u8>,
    schemes: Vec<SignatureScheme>,
    keeper: mpsc::Sender<Request>,
}

impl SigningKey for Remote {
    fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    fn schemes(&self) -> &[SignatureScheme] {
        &self.schemes
    }

    /// `message` is the whole message: hashing belongs to the scheme. ECDSA signatures are DER.
    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        _: &mut dyn Random,
    ) -> Result<Vec<u8>, SignError> {
        let (answer, signature) = mpsc::channel();
        let gone = SignError::Because("the keeper of the key has ended");
        self.keeper.send((scheme, message.to_vec(), answer)).map_err(|_| gone)?;
        signature.recv().map_err(|_| gone)?
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let issued = IssuedCertificate::self_signed(&CertificateParams::new(&["device.local"]))?;
    let (keeper, requests) = mpsc::channel::<Request>();
    let key = KEYS.load(KeyEncoding::Pkcs8, &issued.key).map_err(|_| "the key does not load")?;
    let (public_key, schemes) = (key.public_key().to_vec(), key.schemes().to_vec());
    thread::spawn(move || {
        for (scheme, message, answer) in requests {
            println!("asked for a signature: {scheme}, {} bytes", message.len());
            let _ = answer.send(key.sign(scheme, &message, &mut SystemRandom));
        }
    });

    // Checked here, before a byte is sent: the certificate is for this key, and the schemes fit it.
    let identity = Identity::from_signer(issued.chain, Box::new(Remote { public_key, schemes, keeper }))?;
    let pin = Pin::of_spki(&identity.spki());
    let server = Server::new(identity);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let serving = thread::spawn(move || -> Result<(), String> {
        let (socket, _) = listener.accept().map_err(|error| error.to_string())?;
        let mut stream = server.accept(socket).map_err(|error| error.to_string())?;
        stream
            .write_all(b"signed elsewhere\n")
            .and_then(|()| stream.close())
            .map_err(|error| error.to_string())
    });
    let mut stream =
        Client::new(Trust::Pins(vec![pin])).connect_over(TcpStream::connect(address)?, "device.local")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    print!("{text}");
    serving.join().map_err(|_| "the server panicked")??;
    Ok(())
}
