// SPDX-License-Identifier: MIT

//! a2 knows the names of Apple's two hosts and their port, and nothing else:
//! what it asks of the C library is answered with the simulator's address.

use libc::{addrinfo, c_char, c_int, sockaddr, sockaddr_in, sockaddr_in6, socklen_t};
use std::ffi::CString;
use std::sync::OnceLock;

static SIMULATOR: OnceLock<(CString, u16)> = OnceLock::new();

/// Before the first connection.
pub fn set(host: &str, port: u16) {
    let host = CString::new(host).expect("a host's name");
    SIMULATOR.set((host, port)).expect("one simulator");
}

type GetAddrInfo = unsafe extern "C" fn(
    *const c_char,
    *const c_char,
    *const addrinfo,
    *mut *mut addrinfo,
) -> c_int;

/// In front of the C library's.
///
/// # Safety
/// As of getaddrinfo(3).
#[no_mangle]
pub unsafe extern "C" fn getaddrinfo(
    _node: *const c_char,
    service: *const c_char,
    hints: *const addrinfo,
    found: *mut *mut addrinfo,
) -> c_int {
    let (Some((host, _)), next) = (
        SIMULATOR.get(),
        libc::dlsym(libc::RTLD_NEXT, c"getaddrinfo".as_ptr()),
    ) else {
        return libc::EAI_FAIL;
    };
    if next.is_null() {
        return libc::EAI_FAIL;
    }
    let next: GetAddrInfo = std::mem::transmute(next);
    next(host.as_ptr(), service, hints, found)
}

/// In front of the C library's.
///
/// # Safety
/// As of connect(2).
#[no_mangle]
pub unsafe extern "C" fn connect(fd: c_int, to: *const sockaddr, len: socklen_t) -> c_int {
    let port = SIMULATOR.get().map_or(0, |(_, port)| *port).to_be();
    match c_int::from((*to).sa_family) {
        libc::AF_INET => {
            let mut to = *to.cast::<sockaddr_in>();
            to.sin_port = port;
            libc::syscall(libc::SYS_connect, fd, &to, len) as c_int
        }
        libc::AF_INET6 => {
            let mut to = *to.cast::<sockaddr_in6>();
            to.sin6_port = port;
            libc::syscall(libc::SYS_connect, fd, &to, len) as c_int
        }
        _ => libc::syscall(libc::SYS_connect, fd, to, len) as c_int,
    }
}
