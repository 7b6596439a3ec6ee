use super::*;
use axum::http::HeaderValue;
use http_body_util::channel::Channel;

const FORM: &str = "--X\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\ntoken\r\n--X\r\nContent-Disposition: form-data; \
                    name=\"empty\"\r\n\r\n\r\n--X\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a b.tar\"\r\nContent-Type: \
                    application/x-tar\r\n\r\none\r\n--\r\n-X\r\n--Y\r\n--X--\r\n";

fn headers(kind: &'static str) -> HeaderMap {
    [(header::CONTENT_TYPE, HeaderValue::from_static(kind))].into_iter().collect()
}

/// A body that comes in pieces of this length.
fn in_pieces(text: &str, length: usize) -> Body {
    let (mut sender, body) = Channel::<Bytes, std::io::Error>::new(1);
    let pieces: Vec<_> = text.as_bytes().chunks(length).map(Bytes::copy_from_slice).collect();
    tokio::spawn(async move {
        for piece in pieces {
            if sender.send_data(piece).await.is_err() {
                return;
            }
        }
    });
    Body::new(body)
}

fn form(text: &str, length: usize) -> Multipart {
    Multipart::of(&headers("multipart/form-data; boundary=X"), in_pieces(text, length)).unwrap()
}

async fn all(mut form: Multipart) -> Result<Vec<(Part, String)>, Broken> {
    let mut parts = vec![];
    while let Some(part) = form.next().await? {
        parts.push((part, form.text(1 << 20).await?.unwrap()));
    }
    Ok(parts)
}

#[tokio::test]
async fn every_part_is_read_byte_for_byte_however_it_comes() {
    let part = |name: &str, file: Option<&str>| Part { name: name.to_owned(), file: file.map(str::to_owned) };
    let wanted = vec![
        (part("csrf", None), "token".to_owned()),
        (part("empty", None), String::new()),
        (part("file", Some("a b.tar")), "one\r\n--\r\n-X\r\n--Y".to_owned()),
    ];
    for length in 1..=FORM.len() {
        assert_eq!(all(form(FORM, length)).await, Ok(wanted.clone()), "{length}");
    }
    let quoted = "multipart/form-data; charset=\"a\"; boundary=\"X\"";
    assert_eq!(all(Multipart::of(&headers(quoted), in_pieces(FORM, 7)).unwrap()).await, Ok(wanted));
}

#[tokio::test]
async fn what_is_not_read_of_a_part_is_passed_over() {
    let mut form = form(FORM, 5);
    let mut names = vec![];
    while let Some(part) = form.next().await.unwrap() {
        names.push(part.name);
    }
    assert_eq!(names, ["csrf", "empty", "file"]);
}

#[tokio::test]
async fn a_form_that_breaks_off_anywhere_is_never_a_whole_one() {
    for length in 0..=FORM.len() - "--\r\n".len() {
        let read = all(form(&FORM[..length], 11)).await;
        assert!(matches!(read, Err(Broken::End)), "{length}: {read:?}");
    }
}

#[tokio::test]
async fn what_has_no_end_is_not_held() {
    let head = format!("--X\r\nContent-Disposition: form-data; name=\"{}", "a".repeat(1 << 16));
    assert_eq!(form(&head, 1_000).next().await, Err(Broken::Shape), "a head");
    let mut large =
        form(&format!("--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n{}", "b".repeat(1 << 16)), 1_000);
    large.next().await.unwrap();
    assert_eq!(large.text(100).await, Ok(None), "a text");
    assert!(large.buffer.len() < 2_000, "{}", large.buffer.len());
    let part = "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n";
    let many = format!("{}--X--", part.repeat(PARTS_MAX + 1));
    assert_eq!(all(form(&many, 100)).await, Err(Broken::Shape), "parts");
}

#[tokio::test]
async fn another_body_is_none() {
    for kind in ["application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary="] {
        assert!(matches!(Multipart::of(&headers(kind), Body::empty()), Err(Broken::Kind)), "{kind}");
    }
    let long =
        "multipart/form-data; boundary=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    assert!(matches!(Multipart::of(&headers(long), Body::empty()), Err(Broken::Kind)));
    for text in
        ["--Xa\r\n", "--X\r\nContent-Type: text/plain\r\n\r\na\r\n--X--", "--X\r\nContent-Disposition: inline\r\n\r\n"]
    {
        assert_eq!(form(text, 100).next().await, Err(Broken::Shape), "{text}");
    }
}
