//! Bearer tokens: only their digest gets past this file.

use crate::Problem;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::{header, request::Parts};
use model::Digest;

/// Longest token that is read, in bytes.
const TOKEN_MAX: usize = 512;

/// The SHA-256 of the request's bearer token (RFC 6750 §2.1), as leaves name credentials.
///
/// The token itself is not kept, so neither `Debug` nor a log line can show it. As an extractor it
/// answers 401 `token.missing` or `token.malformed`; `Option<Bearer>` is `None` without the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bearer(pub Digest);

fn read(parts: &Parts) -> Result<Option<Bearer>, Problem> {
    let malformed = || {
        Problem::unauthenticated(
            "token.malformed",
            "the authorization header is not one bearer token",
            "send one header `authorization: Bearer <token>`",
        )
    };
    let mut values = parts.headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().map_err(|_| malformed())?;
    let (scheme, token) = text.split_once(' ').ok_or_else(malformed)?;
    let token_char = |c: u8| c.is_ascii_alphanumeric() || b"-._~+/=".contains(&c);
    let good = scheme.eq_ignore_ascii_case("bearer")
        && (1..=TOKEN_MAX).contains(&token.len())
        && token.bytes().all(token_char)
        && values.next().is_none();
    if good { Ok(Some(Bearer(Digest::of_bytes(token.as_bytes())))) } else { Err(malformed()) }
}

impl<S: Send + Sync> FromRequestParts<S> for Bearer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        read(parts)?.ok_or_else(|| {
            Problem::unauthenticated(
                "token.missing",
                "this route needs a bearer token",
                "send a header `authorization: Bearer <token>`",
            )
        })
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Bearer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Option<Self>, Problem> {
        read(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn bearer(headers: &[&str]) -> Result<Option<Bearer>, &'static str> {
        let request =
            headers.iter().fold(Request::builder(), |request, value| request.header(header::AUTHORIZATION, *value));
        read(&request.body(()).unwrap().into_parts().0).map_err(|problem| problem.code())
    }

    #[test]
    fn the_digest_is_all_that_remains() {
        let found = bearer(&["Bearer s3cret-token"]).unwrap().unwrap();
        assert_eq!(found.0, Digest::of_bytes(b"s3cret-token"));
        assert!(!format!("{found:?}").contains("s3cret"));
        assert_eq!(bearer(&["bearer s3cret-token"]), Ok(Some(found)), "the scheme has no case");
        assert_eq!(bearer(&[]), Ok(None));
    }

    #[test]
    fn anything_but_one_token_is_refused() {
        let long = format!("Bearer {}", "x".repeat(TOKEN_MAX + 1));
        for headers in
            [&["Basic dTpw"][..], &["Bearer"], &["Bearer "], &["Bearer a b"], &[&long], &["Bearer a", "Bearer b"]]
        {
            assert_eq!(bearer(headers), Err("token.malformed"), "{headers:?}");
        }
    }
}
