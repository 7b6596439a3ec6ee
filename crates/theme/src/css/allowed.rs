//! The words of CSS that a theme may use, by name: what is not here is refused.

/// At-rules with a block of rules or of declarations.
pub(crate) const BLOCKS: &[&str] = &[
    "media",
    "supports",
    "container",
    "layer",
    "scope",
    "starting-style",
    "font-face",
    "keyframes",
    "-webkit-keyframes",
    "page",
    "property",
];

/// Functions of selectors, conditions and values.
const FUNCTIONS: &[&str] = &[
    // Selectors.
    "is",
    "where",
    "not",
    "has",
    "nth-child",
    "nth-last-child",
    "nth-of-type",
    "nth-last-of-type",
    "lang",
    "dir",
    "highlight",
    "state",
    "-webkit-any",
    "-moz-any",
    // Conditions.
    "selector",
    "style",
    "scroll-state",
    "font-tech",
    "font-format",
    // Numbers and what stands for another value.
    "var",
    "env",
    "calc",
    "min",
    "max",
    "clamp",
    "round",
    "mod",
    "rem",
    "abs",
    "sign",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "atan2",
    "pow",
    "sqrt",
    "hypot",
    "log",
    "exp",
    "calc-size",
    "progress",
    "sibling-index",
    "sibling-count",
    "anchor",
    "anchor-size",
    // Colours.
    "rgb",
    "rgba",
    "hsl",
    "hsla",
    "hwb",
    "lab",
    "lch",
    "oklab",
    "oklch",
    "color",
    "color-mix",
    "light-dark",
    "contrast-color",
    "device-cmyk",
    "alpha",
    // Pictures that are computed.
    "linear-gradient",
    "radial-gradient",
    "conic-gradient",
    "repeating-linear-gradient",
    "repeating-radial-gradient",
    "repeating-conic-gradient",
    "-webkit-linear-gradient",
    "-webkit-radial-gradient",
    // Transforms, filters, motion.
    "translate",
    "translate3d",
    "translatex",
    "translatey",
    "translatez",
    "scale",
    "scale3d",
    "scalex",
    "scaley",
    "scalez",
    "rotate",
    "rotate3d",
    "rotatex",
    "rotatey",
    "rotatez",
    "skew",
    "skewx",
    "skewy",
    "matrix",
    "matrix3d",
    "perspective",
    "blur",
    "brightness",
    "contrast",
    "drop-shadow",
    "grayscale",
    "hue-rotate",
    "invert",
    "opacity",
    "saturate",
    "sepia",
    "cubic-bezier",
    "steps",
    "linear",
    "view",
    "scroll",
    // Shapes and grids.
    "circle",
    "ellipse",
    "inset",
    "polygon",
    "path",
    "rect",
    "xywh",
    "shape",
    "ray",
    "minmax",
    "repeat",
    "fit-content",
    // Fonts.
    "format",
    "tech",
    "local",
    "stylistic",
    "styleset",
    "character-variant",
    "swash",
    "ornaments",
    "annotation",
];

/// Properties of one browser that only change how something looks.
const VENDORS: &[&str] = &[
    "-webkit-appearance",
    "-moz-appearance",
    "-webkit-backdrop-filter",
    "-webkit-background-clip",
    "-webkit-background-size",
    "-webkit-box-decoration-break",
    "-webkit-box-orient",
    "-webkit-box-shadow",
    "-webkit-box-sizing",
    "-moz-box-sizing",
    "-webkit-clip-path",
    "-webkit-column-count",
    "-webkit-column-gap",
    "-webkit-filter",
    "-webkit-font-feature-settings",
    "-webkit-font-smoothing",
    "-moz-osx-font-smoothing",
    "-webkit-hyphens",
    "-ms-hyphens",
    "-webkit-line-clamp",
    "-webkit-mask",
    "-webkit-mask-clip",
    "-webkit-mask-composite",
    "-webkit-mask-image",
    "-webkit-mask-origin",
    "-webkit-mask-position",
    "-webkit-mask-repeat",
    "-webkit-mask-size",
    "-webkit-overflow-scrolling",
    "-ms-overflow-style",
    "-webkit-print-color-adjust",
    "-webkit-tap-highlight-color",
    "-webkit-text-decoration",
    "-webkit-text-decoration-color",
    "-webkit-text-fill-color",
    "-webkit-text-size-adjust",
    "-moz-text-size-adjust",
    "-ms-text-size-adjust",
    "-webkit-text-stroke",
    "-webkit-text-stroke-color",
    "-webkit-text-stroke-width",
    "-webkit-transform",
    "-webkit-transform-origin",
    "-webkit-transition",
    "-webkit-animation",
    "-webkit-user-select",
    "-moz-user-select",
    "-ms-user-select",
    "-moz-tab-size",
    "-moz-border-radius",
    "-webkit-border-radius",
    "-webkit-flex",
    "-webkit-align-items",
    "-webkit-justify-content",
];

/// Whether a function of this name, in lower case, may stand in a theme; `url` is asked apart.
pub(crate) fn function(name: &str) -> bool {
    FUNCTIONS.contains(&name)
}

/// Whether a property with a browser's prefix, in lower case, may be set.
pub(crate) fn vendor_property(name: &str) -> bool {
    VENDORS.contains(&name)
}

/// Why a function that is not allowed is refused.
pub(crate) fn why_not_function(name: &str) -> String {
    let why = match name {
        "image-set" | "-webkit-image-set" | "image" | "cross-fade" | "-webkit-cross-fade" | "src" | "element"
        | "-moz-element" | "url-prefix" | "domain" | "regexp" | "document" | "paint" => {
            "loads by other ways than `url(` with a path of the theme, which is the only one; use that"
        }
        "attr" => "shows what nobody wrote to be read, or makes an address or a figure of it; delete it",
        "expression" => "is a script of old browsers; delete it",
        "counter" | "counters" | "symbols" | "string" | "content" => {
            "writes text, and the words and figures of a shop are the shop's own; delete it"
        }
        "if" | "first-valid" | "inherit" | "random" | "ident" => {
            "makes a value of others in a way that is not checked; write the value"
        }
        _ => "is not among the functions that a theme may use; write the value in another way",
    };
    format!("`{name}(` {why}")
}
