//! A form with a file in it, read a piece at a time (RFC 7578): nothing of it is held but what is being looked at.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt as _;
use memchr::memmem;

/// Largest head of a part, in bytes.
const HEAD_MAX: usize = 4 << 10;
/// Longest boundary, in bytes (RFC 2046 §5.1.1).
const BOUNDARY_MAX: usize = 70;
/// Most parts of a form.
const PARTS_MAX: usize = 32;

/// Why a form cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Broken {
    #[error("this is no form with a file in it")]
    Kind,
    #[error("the form does not have the shape of one")]
    Shape,
    #[error("the form broke off before its end, or is larger than what is taken")]
    End,
}

/// The head of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// The field's name.
    pub(crate) name: String,
    /// The name of the file in it; none: it is a text.
    pub(crate) file: Option<String>,
}

/// A form while it is read.
pub(crate) struct Multipart {
    body: Body,
    /// A line end, two dashes and the boundary: what stands between parts.
    delimiter: Vec<u8>,
    /// What has come and was not given out.
    buffer: Vec<u8>,
    parts: usize,
}

impl Multipart {
    /// The form in a request's body.
    ///
    /// # Errors
    /// When its head does not announce one.
    pub(crate) fn of(headers: &HeaderMap, body: Body) -> Result<Self, Broken> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).ok_or(Broken::Kind)?;
        let rest = kind.strip_prefix("multipart/form-data").ok_or(Broken::Kind)?;
        let boundary = parameter(rest, "boundary").filter(|boundary| (1..=BOUNDARY_MAX).contains(&boundary.len()));
        let delimiter = format!("\r\n--{}", boundary.ok_or(Broken::Kind)?).into_bytes();
        // The first part begins as every other does.
        Ok(Self { body, delimiter, buffer: b"\r\n".to_vec(), parts: 0 })
    }

    /// Takes in more; false at the body's end.
    async fn fill(&mut self) -> Result<bool, Broken> {
        match self.body.frame().await {
            None => Ok(false),
            Some(Err(_)) => Err(Broken::End),
            Some(Ok(frame)) => {
                self.buffer.extend_from_slice(&frame.into_data().map_err(|_| Broken::Shape)?);
                Ok(true)
            }
        }
    }

    /// Fills until so many bytes are there.
    async fn have(&mut self, length: usize) -> Result<(), Broken> {
        while self.buffer.len() < length {
            if !self.fill().await? {
                return Err(Broken::End);
            }
        }
        Ok(())
    }

    /// The next part; what is left of the one before is passed over. None: the form is at its end.
    pub(crate) async fn next(&mut self) -> Result<Option<Part>, Broken> {
        while self.piece().await?.is_some() {}
        let begin = self.delimiter.len();
        self.have(begin + 2).await?;
        let after: Vec<u8> = self.buffer.drain(..begin + 2).skip(begin).collect();
        match &after[..] {
            b"--" => return Ok(None),
            b"\r\n" if self.parts < PARTS_MAX => self.parts += 1,
            _ => return Err(Broken::Shape),
        }
        let end = loop {
            if let Some(at) = memmem::find(&self.buffer, b"\r\n\r\n") {
                break at;
            }
            if self.buffer.len() > HEAD_MAX {
                return Err(Broken::Shape);
            }
            self.have(self.buffer.len() + 1).await?;
        };
        let head: Vec<u8> = self.buffer.drain(..end + 4).collect();
        // The line end before the delimiter belongs to it, also where the part is empty.
        head_of(&head).filter(|_| end <= HEAD_MAX).map(Some).ok_or(Broken::Shape)
    }

    /// The next piece of the part that is read; none: it is at its end.
    pub(crate) async fn piece(&mut self) -> Result<Option<Bytes>, Broken> {
        loop {
            if let Some(at) = memmem::find(&self.buffer, &self.delimiter) {
                let piece: Vec<u8> = self.buffer.drain(..at).collect();
                return Ok((at > 0).then(|| piece.into()));
            }
            // What could be the beginning of a delimiter stays.
            let sure = self.buffer.len().saturating_sub(self.delimiter.len() - 1);
            if sure > 0 {
                let piece: Vec<u8> = self.buffer.drain(..sure).collect();
                return Ok(Some(piece.into()));
            }
            self.have(self.buffer.len() + 1).await?;
        }
    }

    /// The part that is read, as a whole; none: it is above so many bytes, or no text.
    pub(crate) async fn text(&mut self, most: usize) -> Result<Option<String>, Broken> {
        let mut bytes = vec![];
        while let Some(piece) = self.piece().await? {
            if bytes.len() + piece.len() > most {
                return Ok(None);
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(String::from_utf8(bytes).ok())
    }
}

/// What the head of a part says of it.
fn head_of(head: &[u8]) -> Option<Part> {
    let head = String::from_utf8_lossy(head);
    let says = |line: &str| {
        let (name, value) = line.split_once(':')?;
        let of_form = name.eq_ignore_ascii_case("content-disposition");
        value.trim().strip_prefix("form-data").filter(|_| of_form).map(str::to_owned)
    };
    let says = head.split("\r\n").find_map(says)?;
    Some(Part { name: parameter(&says, "name")?, file: parameter(&says, "filename") })
}

/// A parameter of a header, quoted or not. Browsers write a quote inside as `%22` (HTML §4.10.22.7).
fn parameter(text: &str, wanted: &str) -> Option<String> {
    let mut rest = text;
    loop {
        rest = rest.trim_start().strip_prefix(';')?.trim_start();
        let (name, after) = rest.split_once('=')?;
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_at(after.find(';').unwrap_or(after.len())),
        };
        if name.eq_ignore_ascii_case(wanted) {
            return Some(value.trim().to_owned());
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests;
