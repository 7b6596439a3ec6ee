//! What the shell itself may answer on any route, in the OpenAPI document: a route need not say it again.

use utoipa::openapi::path::{Operation, OperationBuilder};
use utoipa::openapi::{
    ContentBuilder, HttpMethod, Object, OpenApi, PathItem, Ref, RefOr, Response, ResponseBuilder, Type,
};

/// Of every route.
const ANY: [(&str, &str); 5] = [
    ("400", "the request cannot be read: its host, its path or its query"),
    ("421", "sent to a host name that this service does not answer to"),
    ("500", "our fault; nothing was acknowledged"),
    ("503", "too many requests are in progress, or the service is stopping; ask again"),
    ("504", "not answered in time"),
];
/// Of routes that take something.
const TAKES: [(&str, &str); 2] =
    [("403", "sent by the page of another origin"), ("413", "the body is larger than this route reads")];
/// Of routes that read JSON.
const JSON: [(&str, &str); 2] = [("415", "the body is not declared as json"), ("422", "the body does not fit")];

/// Adds them, and the document's own address.
pub(crate) fn describe(document: &mut OpenApi) {
    let own = ResponseBuilder::new()
        .description("this document")
        .content("application/json", ContentBuilder::new().schema(Some(Object::with_type(Type::Object))).build())
        .build();
    let operation = OperationBuilder::new().tag("process").summary(Some("This document.")).response("200", own).build();
    document.paths.paths.insert("/openapi.json".to_owned(), PathItem::new(HttpMethod::Get, operation));
    for item in document.paths.paths.values_mut() {
        let of = [(&mut item.get, false), (&mut item.put, true), (&mut item.post, true), (&mut item.delete, true)];
        for (operation, takes) in of {
            if let Some(operation) = operation {
                add(operation, &ANY);
                add(operation, if takes { &TAKES } else { &[] });
                let body = operation.request_body.as_ref();
                let json = body.is_some_and(|body| body.content.contains_key("application/json"));
                add(operation, if json { &JSON } else { &[] });
            }
        }
    }
}

fn add(operation: &mut Operation, answers: &[(&str, &str)]) {
    for (status, why) in answers {
        operation.responses.responses.entry((*status).to_owned()).or_insert_with(|| RefOr::T(problem(why)));
    }
}

fn problem(why: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemBody"))).build();
    ResponseBuilder::new().description(why).content("application/json", content).build()
}
