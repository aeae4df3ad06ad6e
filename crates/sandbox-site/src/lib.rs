//! The Jitsi front that answers while the sandbox's targets are healthy.
//!
//! [`Site`] is a [`jitsi_probe::Network`] over an [`aws_sandbox::Sandbox`]: names lead where the sandbox's hosted zones and load
//! balancers say, and a connection is taken when a load balancer would take it. Behind it is a site in this process, over
//! TLS, with a certificate made on the spot by an authority of its own ([`Site::authority`]). What is wrong with the site is
//! kept in the sandbox (`aws-sandbox site`), so that it lasts from one command to the next.
//!
//! No socket is opened. What this does not do: XMPP, media, UDP; it knows one page.

mod authority;
mod front;
mod site;

pub use authority::AuthorityError;
pub use site::Site;
