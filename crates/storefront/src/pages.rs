//! The pages: catalogue, one product, the cart, and a plain page for everything that went wrong.

use crate::{
    Cart, Item, Release,
    html::{Acts, add_button, escape, money, picture},
};
use std::fmt::Write as _;

/// The catalogue, with the *Recommended* section when the release has one.
pub(crate) fn catalogue(release: &Release, acts: Acts) -> String {
    let mut out = format!(
        "<section class=\"hero\"><h1>{}</h1><p>{}</p></section>",
        escape(&release.headline),
        escape(&release.intro)
    );
    let recommended: Vec<_> = release.recommended().collect();
    if !recommended.is_empty() {
        grid(&mut out, "Recommended", "recommended", recommended.into_iter(), acts);
    }
    grid(&mut out, "All products", "all", release.items.iter(), acts);
    out
}

fn grid<'a>(out: &mut String, title: &str, id: &str, items: impl Iterator<Item = &'a Item>, acts: Acts) {
    let _ = write!(
        out,
        "<section class=\"products products-{id}\" aria-labelledby=\"{id}\"><h2 id=\"{id}\">{title}</h2><ul class=\"grid\">"
    );
    for item in items {
        let (name, price) = (escape(&item.name), money(item.price_cents.into()));
        let link = acts.link(&format!("/product/{}", item.sku));
        let _ = write!(
            out,
            "<li class=\"card\"><a href=\"{link}\">{}<h3>{name}</h3></a><p class=\"price\">{price}</p>{}</li>",
            picture(item),
            add_button(item, acts)
        );
    }
    out.push_str("</ul></section>");
}

/// One product.
pub(crate) fn product(item: &Item, acts: Acts) -> String {
    format!(
        "<article class=\"product\">{}<div class=\"about\"><h1>{}</h1><p>{}</p><p class=\"price\">{}</p>{}<p><a href=\"{}\">Back to the catalogue</a></p></div></article>",
        picture(item),
        escape(&item.name),
        escape(&item.text),
        money(item.price_cents.into()),
        add_button(item, acts),
        acts.link("/")
    )
}

/// The cart. A line whose item this release does not sell is shown, said so, and not charged.
pub(crate) fn cart(release: &Release, cart: &Cart, acts: Acts) -> String {
    let home = acts.link("/");
    if cart.lines.is_empty() {
        return format!(
            "<h1>Your cart</h1><p class=\"empty\">Nothing in it yet. <a href=\"{home}\">See the catalogue</a></p>"
        );
    }
    let mut out =
        "<h1>Your cart</h1><table class=\"lines\"><thead><tr><th>Product</th><th>Quantity</th><th>Price</th><th><span class=\"sr\">Action</span></th></tr></thead><tbody>".to_owned();
    let mut total = 0;
    for (sku, quantity) in &cart.lines {
        let (name, price) = match release.item(sku) {
            Some(item) => {
                let line = u64::from(item.price_cents) * u64::from(*quantity);
                total += line;
                let link = acts.link(&format!("/product/{sku}"));
                (format!("<a href=\"{link}\">{}</a>", escape(&item.name)), money(line))
            }
            None => (format!("{} <small>not sold at present</small>", escape(sku)), "–".to_owned()),
        };
        let label = format!("Remove<span class=\"sr\"> {}</span>", escape(sku));
        let form = acts.form("/cart/remove", sku, "quiet", &label);
        let _ =
            write!(out, "<tr><td>{name}</td><td>{quantity}</td><td class=\"price\">{price}</td><td>{form}</td></tr>");
    }
    let _ = write!(
        out,
        "</tbody><tfoot><tr><th colspan=\"2\">Total</th><td class=\"price total\">{}</td><td></td></tr></tfoot></table>",
        money(total)
    );
    let _ = write!(out, "<p><a href=\"{home}\">Continue shopping</a></p>");
    out
}

/// A short message with a way back.
pub(crate) fn notice(title: &str, text: &str, acts: Acts) -> String {
    format!(
        "<section class=\"hero notice\"><h1>{}</h1><p>{}</p><p><a href=\"{}\">Back to the catalogue</a></p></section>",
        escape(title),
        escape(text),
        acts.link("/")
    )
}
