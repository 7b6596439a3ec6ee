//! How a theme looks, for people who have not signed it yet: the shop's own pages as one page that cannot act.
//!
//! It is made to be shown in a frame with [`PREVIEW_SANDBOX`], and served with [`PREVIEW_POLICY`]. By itself it already
//! holds no script, no form that sends anything, and no link that leads to another page.

use crate::{
    Cart, Release,
    html::{Acts, Frame, layout},
    pages,
    releases::releases,
};

/// The `sandbox` of the frame that shows a preview: no scripts, no forms, no other windows, no leaving the frame.
///
/// The frame keeps its origin. Without one its style sheets and images are asked for without the viewer's cookies, and
/// its fonts not at all, unless everybody may have them. With no script to use it, the origin lets nothing act.
pub const PREVIEW_SANDBOX: &str = "allow-same-origin";

/// The content security policy of a preview: [`PREVIEW_SANDBOX`] again for whoever opens it outside the frame, and nothing
/// from anywhere but style sheets, images and fonts of the server that shows it, in a page of that server alone.
pub const PREVIEW_POLICY: &str = "sandbox allow-same-origin; default-src 'none'; style-src 'self'; img-src 'self'; \
     font-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

/// Where what a preview shows is served.
#[derive(Clone, Copy, Debug)]
pub struct Preview<'a> {
    /// Address of the shop's own style sheet, which is [`preview_style`].
    pub style: &'a str,
    /// Address below which the files of the theme are served, without a final `/`.
    pub theme: &'a str,
    /// Style sheets of the theme by path, in the order in which they are linked: `theme::Summary::sheets`.
    pub sheets: &'a [String],
}

/// One page with everything a theme dresses: headline, catalogue, product, cart, and the page for what is not there.
pub fn preview(from: Preview<'_>) -> String {
    let release = latest();
    let mut cart = Cart::default();
    for item in release.items.iter().take(3) {
        cart.lines.insert(item.sku.clone(), 2);
    }
    cart.lines.insert("winter-scarf".to_owned(), 1);
    let acts = Acts::Still;
    let product = release.items.first().map(|item| pages::product(item, acts)).unwrap_or_default();
    let body = [
        pages::catalogue(&release, acts),
        product,
        pages::cart(&release, &cart, acts),
        pages::cart(&release, &Cart::default(), acts),
        pages::notice("Not here", "This shop has no such page or product.", acts),
    ];
    let sheets: Vec<String> =
        from.sheets.iter().map(|path| format!("{}/{}", from.theme, crate::worn::in_url(path))).collect();
    let frame = Frame { release: &release, shop: None, style: from.style, sheets: &sheets, notice: None, acts };
    layout(frame, cart.count(), "Preview", &body.concat())
}

/// The shop's own style sheet, below the theme's.
pub fn preview_style() -> String {
    latest().sheet(None)
}

/// The newest release that comes with the product.
fn latest() -> Release {
    let (_, files) = releases().pop().expect("a release comes with the product");
    let of = |name| files.iter().find(|(path, _)| *path == name).map(|(_, bytes)| *bytes).unwrap_or_default();
    let mut release: Release = serde_json::from_slice(of("release.json")).expect("a shipped release is one");
    release.style = String::from_utf8_lossy(of("style.css")).into_owned();
    release
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown() -> String {
        let sheets = ["theme.css".to_owned(), "css/a \"b\".css".to_owned()];
        preview(Preview { style: "/preview/style.css", theme: "/preview/0123", sheets: &sheets })
    }

    /// The values of an attribute, wherever it stands.
    fn values(html: &str, name: &str) -> Vec<String> {
        let begin = format!(" {name}=\"");
        html.split(&begin).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
    }

    #[test]
    fn the_policy_lets_nothing_run_and_repeats_the_sandbox() {
        assert!(PREVIEW_POLICY.starts_with(&format!("sandbox {PREVIEW_SANDBOX}; default-src 'none'; ")));
        for word in
            ["allow-scripts", "allow-forms", "allow-popups", "allow-top", "script-src", "unsafe", "data:", "http", "*"]
        {
            assert!(!PREVIEW_POLICY.contains(word), "{word}");
        }
    }

    #[test]
    fn a_preview_shows_every_page_of_the_shop() {
        let html = shown();
        for piece in [
            "class=\"hero\"",
            "class=\"card\"",
            "class=\"picture\"",
            "class=\"product\"",
            "class=\"price total\"",
            "not sold at present",
            "Nothing in it yet",
            "Not here",
            "Cart <b>7</b>",
            "Add to cart",
            ">Remove<",
        ] {
            assert!(html.contains(piece), "{piece}");
        }
        assert!(preview_style().starts_with(":root{--accent:#0f766e}"));
    }

    #[test]
    fn a_preview_cannot_act_and_leads_nowhere() {
        let html = shown();
        for word in
            ["<script", "<iframe", "<object", "<embed", "<base", "<meta http-equiv", "<input", "<img", "javascript:"]
        {
            assert!(!html.contains(word), "{word}");
        }
        let mut tags = html.split('<').filter_map(|rest| rest.split('>').next());
        assert_eq!(tags.find(|tag| tag.contains(" on")), None, "no element listens to anything");
        for name in [
            "action",
            "method",
            "formaction",
            "src",
            "srcset",
            "style",
            "target",
            "ping",
            "http-equiv",
            "data",
            "poster",
        ] {
            assert_eq!(values(&html, name), Vec::<String>::new(), "{name}");
        }
        let (links, rest): (Vec<_>, Vec<_>) = values(&html, "href").into_iter().partition(|href| href.starts_with('/'));
        assert_eq!(links, ["/preview/style.css", "/preview/0123/theme.css", "/preview/0123/css/a%20%22b%22.css"]);
        assert!(!rest.is_empty() && rest.iter().all(|href| href == "#main"), "{rest:?}");
        let buttons = html.matches("<button").count();
        assert!(buttons > 5 && html.matches("<button type=\"button\" disabled").count() == buttons);
    }
}
