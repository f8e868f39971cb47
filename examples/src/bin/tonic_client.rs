//! A gRPC client with tonic and mutual TLS: a connector is all that tonic needs to speak over handclasp.
//!
//! `cargo run -p handclasp-examples --bin tonic_client HOST:PORT CERTIFICATE KEY CA NAME…` calls `tonic_server`; several
//! names are sent one by one in a stream, each after the reply to the one before.

use std::{env, error::Error, io};

use handclasp::{Client, Identity, Roots, Trust, tokio::TlsConnector};
use hyper::{Uri, http::uri::PathAndQuery};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, sync::mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{client::Grpc, transport::Endpoint};
use tonic_prost::ProstCodec;

/// The messages of gRPC's first example, as tonic-prost-build makes them from a `.proto`.
#[derive(Clone, PartialEq, prost::Message)]
struct HelloRequest {
    #[prost(string, tag = "1")]
    name: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct HelloReply {
    #[prost(string, tag = "1")]
    message: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let [_, address, certificate, key, ca, names @ ..] = &env::args().collect::<Vec<_>>()[..] else {
        return Err("usage: tonic_client HOST:PORT CERTIFICATE KEY CA NAME…".into());
    };
    let client = Client::new(Trust::WebPki(Roots::from_pem_file(ca)?))
        .identity(Identity::from_pem_files(certificate, key)?)
        .alpn(&["h2"]);
    let connector = TlsConnector::from(client);

    // tonic calls the connector for the first connection, and for each one that replaces a lost one.
    let connect = tower::service_fn(move |uri: Uri| {
        let connector = connector.clone();
        async move {
            let authority = uri.authority().ok_or_else(|| io::Error::other("a URL without a host"))?;
            let tcp = TcpStream::connect(authority.as_str()).await?;
            Ok::<_, io::Error>(TokioIo::new(connector.connect(authority.host(), tcp).await?))
        }
    });
    let endpoint = Endpoint::from_shared(format!("https://{address}"))?;
    let mut grpc = Grpc::new(endpoint.connect_with_connector(connect).await?);

    // As the method of a client does that tonic-prost-build makes.
    grpc.ready().await?;
    let codec = ProstCodec::<HelloRequest, HelloReply>::default();
    if let [name] = names {
        let request = tonic::Request::new(HelloRequest { name: name.clone() });
        let path = PathAndQuery::from_static("/helloworld.Greeter/SayHello");
        let reply = grpc.unary(request, path, codec).await?;
        println!("{}", reply.into_inner().message);
        return Ok(());
    }
    let (sender, requests) = mpsc::channel(1);
    let path = PathAndQuery::from_static("/helloworld.Greeter/SayHelloBidiStream");
    let requests = tonic::Request::new(ReceiverStream::new(requests));
    let mut replies = grpc.streaming(requests, path, codec).await?.into_inner();
    for name in names {
        sender.send(HelloRequest { name: name.clone() }).await?;
        let reply = replies.message().await?.ok_or("the server ended the stream")?;
        println!("{}", reply.message);
    }
    Ok(())
}
