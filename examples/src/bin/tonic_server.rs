//! A gRPC server with tonic and mutual TLS: clients need a certificate of its CA, and each call knows the key of its client.
//!
//! `cargo run -p handclasp-examples --bin tonic_server ADDRESS CERTIFICATE KEY CLIENT_CA`, then call it with `tonic_client`.
//! tonic serves one connection at a time through hyper, so that handshakes stay in the hands of the program.

use std::{convert::Infallible, env, error::Error, future, pin::Pin};

use handclasp::{Identity, Roots, Server, Trust, tokio::TlsAcceptor};
use hyper::{Request, Response, body::Incoming, server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};
use tokio_stream::{Stream, StreamExt};
use tonic::{
    Status, Streaming,
    body::Body,
    server::{StreamingService, UnaryService},
};
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

/// The service, for one client.
#[derive(Clone)]
struct Greeter {
    client: String,
}

impl Greeter {
    fn greet(&self, request: &HelloRequest) -> HelloReply {
        HelloReply { message: format!("hello {}, you have the {}", request.name, self.client) }
    }
}

impl UnaryService<HelloRequest> for Greeter {
    type Response = HelloReply;
    type Future = future::Ready<Result<tonic::Response<HelloReply>, Status>>;

    fn call(&mut self, request: tonic::Request<HelloRequest>) -> Self::Future {
        future::ready(Ok(tonic::Response::new(self.greet(&request.into_inner()))))
    }
}

/// Answers each request of a stream when it comes.
impl StreamingService<HelloRequest> for Greeter {
    type Response = HelloReply;
    type ResponseStream = Pin<Box<dyn Stream<Item = Result<HelloReply, Status>> + Send>>;
    type Future = future::Ready<Result<tonic::Response<Self::ResponseStream>, Status>>;

    fn call(&mut self, requests: tonic::Request<Streaming<HelloRequest>>) -> Self::Future {
        let greeter = self.clone();
        let replies = requests.into_inner().map(move |request| Ok(greeter.greet(&request?)));
        future::ready(Ok(tonic::Response::new(Box::pin(replies))))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let [_, address, certificate, key, client_ca] = &env::args().collect::<Vec<_>>()[..] else {
        return Err("usage: tonic_server ADDRESS CERTIFICATE KEY CLIENT_CA".into());
    };
    let server = Server::new(Identity::from_pem_files(certificate, key)?)
        .require_client(Trust::WebPki(Roots::from_pem_file(client_ca)?))
        .alpn(&["h2"]);
    server.check()?;
    let acceptor = TlsAcceptor::from(server);

    let listener = TcpListener::bind(address).await?;
    println!("{}", listener.local_addr()?);
    loop {
        let (tcp, peer) = listener.accept().await?;
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            if let Err(error) = serve(&acceptor, tcp).await {
                eprintln!("{peer}: {error}");
            }
        });
    }
}

async fn serve(acceptor: &TlsAcceptor, tcp: TcpStream) -> Result<(), Box<dyn Error + Send + Sync>> {
    let stream = acceptor.accept(tcp).await?;
    let client = stream.get_ref().1.peer_credential().ok_or("each client is known")?.to_string();
    let greeter = Greeter { client };
    let service = service_fn(move |request| route(greeter.clone(), request));
    http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await?;
    Ok(())
}

/// Calls the method that the path names, as the code does that tonic-prost-build makes.
async fn route(greeter: Greeter, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let mut grpc = tonic::server::Grpc::new(ProstCodec::<HelloReply, HelloRequest>::default());
    match request.uri().path() {
        "/helloworld.Greeter/SayHello" => Ok(grpc.unary(greeter, request).await),
        "/helloworld.Greeter/SayHelloBidiStream" => Ok(grpc.streaming(greeter, request).await),
        other => Ok(Status::unimplemented(other).into_http()),
    }
}
