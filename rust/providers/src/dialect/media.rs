//! What a piece of media is, and what is said of it where it cannot go.

/// What a piece of media is, as far as dialects tell it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An image, of a type that all services take which take any.
    Image,
    /// A PDF document.
    Document,
    /// Something else: a sound, a film, a drawing.
    Other,
}

/// Types that names of files show.
const TYPES: [(&str, &str); 6] = [
    (".png", "image/png"),
    (".jpg", "image/jpeg"),
    (".jpeg", "image/jpeg"),
    (".webp", "image/webp"),
    (".gif", "image/gif"),
    (".pdf", "application/pdf"),
];

/// The type of the media at URL: as it is told where they stand inline, else
/// as the name shows it, if it does.
pub(super) fn mime(url: &str) -> Option<&str> {
    if let Some(inline) = url.strip_prefix("data:") {
        return inline.split([';', ',']).next();
    }
    let name = url.split(['?', '#']).next().unwrap_or(url).to_ascii_lowercase();
    TYPES.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, mime)| *mime)
}

/// What the media at URL are. Behind an address that does not show it there is
/// an image: that is what people and tools mostly link.
pub(super) fn kind(url: &str) -> Kind {
    match mime(url) {
        Some("image/png" | "image/jpeg" | "image/webp" | "image/gif") | None => Kind::Image,
        Some("application/pdf") => Kind::Document,
        Some(_) => Kind::Other,
    }
}

/// What stands in the place of the media at URL for a service that would
/// refuse them: the whole conversation could not go on.
pub(super) fn left_out(url: &str) -> String {
    let what = if url.starts_with("data:") { mime(url).unwrap_or_default() } else { url };
    format!("[{what} was left out: this service does not take it from a tool]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_are_known_by_what_is_told_or_by_their_names() {
        let table = [
            ("data:image/png;base64,AA", Kind::Image, Some("image/png")),
            ("data:image/svg+xml;base64,AA", Kind::Other, Some("image/svg+xml")),
            ("data:application/pdf;base64,AA", Kind::Document, Some("application/pdf")),
            ("data:audio/wav;base64,AA", Kind::Other, Some("audio/wav")),
            ("https://a.example/b.JPG?c=.pdf", Kind::Image, Some("image/jpeg")),
            ("https://a.example/b.PDF#2", Kind::Document, Some("application/pdf")),
            ("https://a.example/files/1", Kind::Image, None),
        ];
        for (url, known, told) in table {
            assert_eq!((kind(url), mime(url)), (known, told), "{url}");
        }
    }

    #[test]
    fn what_is_left_out_is_named_without_its_bytes() {
        let told = left_out("data:audio/wav;base64,UklGRg");
        assert!(told.contains("audio/wav") && !told.contains("UklGRg"), "{told}");
        assert!(left_out("https://a.example/b.svg").contains("https://a.example/b.svg"));
    }
}
