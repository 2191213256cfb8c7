// SPDX-License-Identifier: MIT

//! The CA that the driver was given, in place of the web's: a2 has its CAs
//! compiled in, and leaves no other way to trust a simulator.

use rustls_pki_types::TrustAnchor;
use std::sync::LazyLock;

/// The driver's fourth word: see ../../../README.md.
const CA_WORD: usize = 4;

fn read() -> Option<Vec<TrustAnchor<'static>>> {
    let pem = std::fs::read(std::env::args().nth(CA_WORD)?).ok()?;
    rustls_pemfile::certs(&mut pem.as_slice())
        .map(|cert| Some(webpki::anchor_from_trusted_cert(&cert.ok()?).ok()?.to_owned()))
        .collect()
}

/// Trusts nobody when the file cannot be read.
pub static TLS_SERVER_ROOTS: LazyLock<Vec<TrustAnchor<'static>>> =
    LazyLock::new(|| read().unwrap_or_default());
