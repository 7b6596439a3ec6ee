//! The few pieces all pages are made of. Everything that is not a literal here goes through [`escape`].

use crate::{Item, Release, Shop};
use std::fmt::Write as _;

/// Text made safe inside elements and double-quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Cents as people read them.
pub(crate) fn money(cents: u64) -> String {
    format!("${}.{:02}", cents / 100, cents % 100)
}

/// Whether a page acts when somebody presses something on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Acts {
    /// The shop itself.
    Live,
    /// A preview: links stay on the page, buttons are switched off and forms send nothing.
    Still,
}

impl Acts {
    /// Where a link leads. `path` is made of literals and of stock-keeping units.
    pub(crate) fn link(self, path: &str) -> String {
        if self == Self::Live { escape(path) } else { "#main".to_owned() }
    }

    /// A form of one button about one item; `class` of the button, `label` is markup.
    pub(crate) fn form(self, action: &str, sku: &str, class: &str, label: &str) -> String {
        match self {
            Self::Live => format!(
                "<form method=\"post\" action=\"{action}\"><input type=\"hidden\" name=\"sku\" value=\"{}\"><button class=\"{class}\">{label}</button></form>",
                escape(sku)
            ),
            Self::Still => {
                format!("<form><button type=\"button\" disabled class=\"{class}\">{label}</button></form>")
            }
        }
    }
}

/// What stands around the body of every page.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'a> {
    pub(crate) release: &'a Release,
    pub(crate) shop: Option<&'a Shop>,
    /// Address of the release's own style sheet.
    pub(crate) style: &'a str,
    /// Addresses of the theme's, which come behind it.
    pub(crate) sheets: &'a [String],
    /// What the engine's config says to every visitor.
    pub(crate) notice: Option<&'a str>,
    pub(crate) acts: Acts,
}

/// A whole page. `title` is text, `body` is markup. The names of classes are what themes are written for: see
/// `themes/README.md`.
pub(crate) fn layout(frame: Frame<'_>, in_cart: u32, title: &str, body: &str) -> String {
    let Frame { release, shop, style, sheets, notice, acts } = frame;
    let name = escape(shop.map_or(&release.name, |shop| &shop.name));
    let (title, product, version) = (escape(title), escape(&release.name), escape(&release.version));
    let icon = match acts {
        Acts::Live => "<link rel=\"icon\" type=\"image/svg+xml\" href=\"/icon.svg\">",
        Acts::Still => "",
    };
    let mut links = String::new();
    for address in [style].into_iter().chain(sheets.iter().map(String::as_str)) {
        let _ = write!(links, "<link rel=\"stylesheet\" href=\"{}\">", escape(address));
    }
    let notice = notice.map_or_else(String::new, |text| format!("<p class=\"shop-notice\">{}</p>", escape(text)));
    let (home, cart) = (acts.link("/"), acts.link("/cart"));
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title} · {name}</title>{icon}{links}</head>\n<body class=\"shop\">\
         <a class=\"skip\" href=\"#main\">Skip to content</a>\
         <header class=\"shop-header\"><a class=\"brand\" href=\"{home}\">{name}</a><nav class=\"shop-nav\"><a href=\"{home}\">Catalogue</a><a class=\"cart\" href=\"{cart}\">Cart <b>{in_cart}</b></a></nav></header>\n\
         <main class=\"shop-main\" id=\"main\">{notice}{body}</main>\n<footer class=\"shop-footer\"><span>{name}</span><span>{product} <b class=\"version\">{version}</b></span></footer></body></html>\n"
    )
}

/// The picture of an item: drawn from its colour and name, so a release needs no image files.
pub(crate) fn picture(item: &Item) -> String {
    let mark: String = item.name.chars().take(1).collect();
    let shift = item.sku.bytes().fold(0u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let (x, y, r) = (40 + shift % 240, 30 + shift / 7 % 140, 46 + shift / 53 % 50);
    let (colour, mark) = (escape(&item.colour), escape(&mark));
    format!(
        "<svg class=\"picture\" viewBox=\"0 0 320 200\" aria-hidden=\"true\" preserveAspectRatio=\"xMidYMid slice\"><rect width=\"320\" height=\"200\" fill=\"{colour}\"/>\
         <circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\" fill=\"#fff\" fill-opacity=\".16\"/><circle cx=\"{}\" cy=\"{}\" r=\"70\" fill=\"#000\" fill-opacity=\".08\"/>\
         <text x=\"160\" y=\"132\" text-anchor=\"middle\" font-size=\"88\" font-weight=\"700\" fill=\"#fff\" fill-opacity=\".92\">{mark}</text></svg>",
        320 - x,
        200 - y
    )
}

/// The shop's mark in a browser's tab: its first letter.
pub(crate) fn icon(release: &Release, shop: Option<&Shop>) -> String {
    let mark: String = shop.map_or(&release.name, |shop| &shop.name).chars().take(1).collect();
    let mark = escape(&mark);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\"><rect width=\"32\" height=\"32\" rx=\"7\" fill=\"#2b2f38\"/>\
         <text x=\"16\" y=\"23\" text-anchor=\"middle\" font-family=\"sans-serif\" font-size=\"20\" font-weight=\"700\" fill=\"#fff\">{mark}</text></svg>"
    )
}

/// The button that puts an item into the cart.
pub(crate) fn add_button(item: &Item, acts: Acts) -> String {
    let label = format!("Add to cart<span class=\"sr\">: {}</span>", escape(&item.name));
    acts.form("/cart/add", &item.sku, "add", &label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_text_stays_text() {
        assert_eq!(escape("<img src=\"x\" onerror='a&b'>"), "&lt;img src=&quot;x&quot; onerror=&#39;a&amp;b&#39;&gt;");
        assert_eq!(money(123_405), "$1234.05");
    }
}
