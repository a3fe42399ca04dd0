//! What an HTTP status means where nothing else is said.

use llm_switch_types::ErrorKind;

/// The class that STATUS suggests.
pub(super) fn kind(status: u16) -> ErrorKind {
    match status {
        401 | 403 => ErrorKind::Auth,
        402 => ErrorKind::NoFunds,
        404 => ErrorKind::ModelNotFound,
        408 => ErrorKind::Network,
        413 => ErrorKind::ContextLength,
        429 => ErrorKind::RateLimited,
        498 | 503 | 529 => ErrorKind::Overloaded,
        200..=299 | 500..=599 => ErrorKind::Server,
        300..=399 => ErrorKind::Protocol,
        _ => ErrorKind::BadRequest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_its_class() {
        let table = [
            (302, "protocol"),
            (400, "bad-request"),
            (401, "auth"),
            (402, "no-funds"),
            (403, "auth"),
            (404, "model-not-found"),
            (408, "network"),
            (413, "context-length"),
            (418, "bad-request"),
            (422, "bad-request"),
            (429, "rate-limited"),
            (500, "server"),
            (502, "server"),
            (503, "overloaded"),
            (504, "server"),
            (529, "overloaded"),
        ];
        for (status, name) in table {
            assert_eq!(kind(status).name(), name, "{status}");
        }
    }
}
