//! A server of TLS 1.2 that does as it is told.

use handclasp_codec::{
    Certificate12, CertificateVerify, ClientCertificateType, ClientHello, ClientKeyExchangeEcdhe,
    ClientKeyExchangePsk, ExtensionType as X, Finished, HandshakeType as Type, ProtocolVersion,
    SignatureScheme,
};
use handclasp_crypto::{KeyExchange, KeyExchangeAlgorithm, KeyKind, PrivateShare, PublicKey, Suite};
use handclasp_provider_aws_lc as aws;
use handclasp_schedule::{MasterSecret, Sender, Transcript, psk_premaster, server_key_exchange_content};
use rustls_pki_types::CertificateDer;

use crate::{
    fake::{ServerHello, message, vector8, vector16, vector24},
    fake13::decode,
    setup::{chain, key},
};

pub const RANDOM: [u8; 32] = [0xa5; 32];

pub struct Fake12 {
    pub hello: Vec<u8>,
    pub suite: &'static Suite,
    pub group: &'static dyn KeyExchange,
    pub psk: Vec<u8>,
    pub extended_master_secret: bool,
    pub transcript: Transcript,
    pub share: Option<Box<dyn PrivateShare>>,
    pub master: Option<MasterSecret>,
}

impl Fake12 {
    /// Reads the ClientHello; ECDHE_ECDSA with X25519.
    pub fn new(hello: &[u8]) -> Self {
        let mut transcript = Transcript::new();
        transcript.keep_messages();
        transcript.add(hello);
        Self {
            hello: hello.to_vec(),
            suite: &aws::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            group: aws::X25519,
            psk: Vec::new(),
            extended_master_secret: true,
            transcript,
            share: None,
            master: None,
        }
    }

    pub fn client_random(&self) -> [u8; 32] {
        *decode::<ClientHello<'_>>(&self.hello).random
    }

    fn add(&mut self, message: Vec<u8>) -> Vec<u8> {
        self.transcript.add(&message);
        message
    }

    pub fn server_hello(&mut self) -> Vec<u8> {
        self.edited_server_hello(|_| ())
    }

    pub fn edited_server_hello(&mut self, edit: impl FnOnce(&mut ServerHello)) -> Vec<u8> {
        let mut hello = ServerHello {
            legacy_version: ProtocolVersion::TLS_1_2,
            random: RANDOM,
            session_id: vec![9; 32],
            suite: self.suite.id,
            compression: 0,
            extensions: vec![(X::renegotiation_info, vec![0])],
        };
        if self.extended_master_secret {
            hello.set(X::extended_master_secret, Vec::new());
        }
        edit(&mut hello);
        self.transcript.select(self.suite.hash);
        self.add(hello.bytes())
    }

    pub fn certificate(&mut self) -> Vec<u8> {
        let list: Vec<u8> = chain().iter().flat_map(|der| vector24(der)).collect();
        self.add(message(Type::certificate, &vector24(&list)))
    }

    /// ServerECDHParams with a fresh share.
    pub fn params(&mut self) -> Vec<u8> {
        let share = self.group.start(&mut aws::SystemRandom).unwrap();
        let params = [vec![3], self.group.group().0.to_be_bytes().to_vec(), vector8(share.public())].concat();
        self.share = Some(share);
        params
    }

    /// A ServerKeyExchange with params and signature as told.
    pub fn signed(&mut self, params: &[u8], kind: KeyKind, scheme: SignatureScheme) -> Vec<u8> {
        let content = server_key_exchange_content(&self.client_random(), &RANDOM, params);
        let signature = sign(kind, scheme, &content);
        self.key_exchange_message(params, scheme, &signature)
    }

    pub fn key_exchange_message(
        &mut self,
        params: &[u8],
        scheme: SignatureScheme,
        signature: &[u8],
    ) -> Vec<u8> {
        let body = [params.to_vec(), scheme.0.to_be_bytes().to_vec(), vector16(signature)].concat();
        self.add(message(Type::server_key_exchange, &body))
    }

    pub fn server_key_exchange(&mut self, kind: KeyKind) -> Vec<u8> {
        let params = self.params();
        self.signed(&params, kind, key(kind).schemes()[0])
    }

    pub fn hint(&mut self) -> Vec<u8> {
        self.add(message(Type::server_key_exchange, &vector16(b"which key?")))
    }

    pub fn certificate_request(
        &mut self,
        kinds: &[ClientCertificateType],
        schemes: &[SignatureScheme],
    ) -> Vec<u8> {
        let kinds: Vec<u8> = kinds.iter().map(|kind| kind.0).collect();
        let schemes: Vec<u8> = schemes.iter().flat_map(|scheme| scheme.0.to_be_bytes()).collect();
        let body = [vector8(&kinds), vector16(&schemes), vector16(&vector16(b"some authority"))];
        self.add(message(Type::certificate_request, &body.concat()))
    }

    pub fn server_hello_done(&mut self) -> Vec<u8> {
        self.add(message(Type::server_hello_done, &[]))
    }

    /// Reads the client's flight, message by message: Certificate and CertificateVerify where
    /// `asked`, checked under the key of that kind. The last one is Finished.
    pub fn client_flight(&mut self, flight: &[Vec<u8>], asked: Option<Option<KeyKind>>) {
        let mut flight = flight.iter();
        if let Some(shown) = asked {
            let certificate = flight.next().unwrap();
            let list = decode::<Certificate12<'_>>(certificate).certificate_list;
            let list: Vec<CertificateDer<'_>> = list.iter().map(|der| der.0.into()).collect();
            assert_eq!(list, if shown.is_some() { chain() } else { Vec::new() });
            self.transcript.add(certificate);
        }
        let exchange = flight.next().unwrap();
        assert_eq!(exchange[0], Type::client_key_exchange.0);
        self.transcript.add(exchange);
        self.derive(exchange);
        if let Some(Some(kind)) = asked {
            let verify = flight.next().unwrap();
            let CertificateVerify { algorithm, signature } = decode(verify);
            verify_under(kind, algorithm, self.transcript.messages(), signature);
            self.transcript.add(verify);
        }
        let finished = flight.next().unwrap();
        let expected = self.master.as_ref().unwrap().finished(Sender::Client, &self.transcript.hash());
        assert_eq!(decode::<Finished<'_>>(finished).verify_data, expected);
        assert!(flight.next().is_none());
        self.transcript.add(finished);
    }

    fn derive(&mut self, exchange: &[u8]) {
        let hash = self.suite.hash;
        let premaster = match self.suite.exchange {
            KeyExchangeAlgorithm::Psk => {
                assert_eq!(decode::<ClientKeyExchangePsk<'_>>(exchange).psk_identity, b"device-7");
                psk_premaster(None, &self.psk).to_vec()
            }
            _ => {
                let public = decode::<ClientKeyExchangeEcdhe<'_>>(exchange).public;
                self.share.take().unwrap().agree(public).unwrap().expose().to_vec()
            }
        };
        self.master = Some(match self.extended_master_secret {
            true => MasterSecret::extended(hash, &premaster, &self.transcript.hash()),
            false => MasterSecret::new(hash, &premaster, &self.client_random(), &RANDOM),
        });
    }

    pub fn finished(&mut self) -> Vec<u8> {
        let verify_data = self.master.as_ref().unwrap().finished(Sender::Server, &self.transcript.hash());
        self.add(message(Type::finished, &verify_data))
    }
}

/// Signs; the pairs of hash and curve that only TLS 1.2 permits by a library's own hands.
pub fn sign(kind: KeyKind, scheme: SignatureScheme, content: &[u8]) -> Vec<u8> {
    key(kind).sign(scheme, content, &mut aws::SystemRandom).unwrap()
}

/// Verifies under the public half of the key of that kind.
pub fn verify_under(kind: KeyKind, scheme: SignatureScheme, content: &[u8], signature: &[u8]) {
    let public = PublicKey::from_spki(key(kind).public_key()).unwrap();
    let verify = aws::VERIFY.iter().find(|entry| entry.scheme() == scheme && entry.key() == kind).unwrap();
    verify.verify(public.bits, content, signature).unwrap();
}
