//! the front door: Client, Server, policies, streams
