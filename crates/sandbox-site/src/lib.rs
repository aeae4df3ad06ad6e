//! The Jitsi front that answers while the sandbox's targets are healthy.
//!
//! [`Site`] is a [`jitsi_probe::Network`] over an [`aws_sandbox::Sandbox`]: names lead where the sandbox's hosted zones and load
//! balancers say, and a connection is taken when a load balancer would take it. Behind it is a site in this process, over
//! TLS, with a certificate made on the spot by an authority of its own ([`Site::authority`]). What is wrong with the site is
//! kept in the sandbox (`aws-sandbox site`), so that it lasts from one command to the next.
//!
//! Behind the front page are its scripts and settings, prosody's BOSH page and websocket, an XMPP server that lets anybody in,
//! and as much of jicofo as takes a request for a conference. Such a request makes the sandbox's task busy, as jicofo does.
//!
//! No socket is opened. What this does not do: rooms, BOSH, media, UDP, HTTP/2.

mod authority;
mod files;
mod front;
mod iq;
mod jicofo;
mod prosody;
mod site;
mod stanza;
mod websocket;

pub use authority::AuthorityError;
pub use site::Site;
