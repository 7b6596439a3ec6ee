//! Numbers and names out of the head of a binary file, with where they stand.

/// What is wrong with a file, and at which byte.
pub(crate) struct Wrong {
    pub(crate) at: usize,
    pub(crate) code: &'static str,
    pub(crate) why: String,
}

impl Wrong {
    pub(crate) fn new(at: usize, code: &'static str, why: impl Into<String>) -> Self {
        Self { at, code, why: why.into() }
    }

    /// The file is not what its name says, or was cut short.
    pub(crate) fn broken(at: usize) -> Self {
        Self::new(at, "file.damaged", "the file is damaged or cut short here; export it again")
    }
}

/// Bytes that are asked by place. Every question beyond the end is the fault of a damaged file.
#[derive(Clone, Copy)]
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(crate) fn len(self) -> usize {
        self.0.len()
    }

    pub(crate) fn slice(self, at: usize, len: usize) -> Result<&'a [u8], Wrong> {
        let end = at.checked_add(len).ok_or_else(|| Wrong::broken(at))?;
        self.0.get(at..end).ok_or_else(|| Wrong::broken(at.min(self.0.len())))
    }

    /// Four letters.
    pub(crate) fn tag(self, at: usize) -> Result<[u8; 4], Wrong> {
        self.array(at)
    }

    pub(crate) fn u8(self, at: usize) -> Result<u8, Wrong> {
        self.array(at).map(|[byte]: [u8; 1]| byte)
    }

    pub(crate) fn u16_be(self, at: usize) -> Result<u16, Wrong> {
        self.array(at).map(u16::from_be_bytes)
    }

    pub(crate) fn u16_le(self, at: usize) -> Result<u16, Wrong> {
        self.array(at).map(u16::from_le_bytes)
    }

    pub(crate) fn u32_be(self, at: usize) -> Result<u32, Wrong> {
        self.array(at).map(u32::from_be_bytes)
    }

    pub(crate) fn u32_le(self, at: usize) -> Result<u32, Wrong> {
        self.array(at).map(u32::from_le_bytes)
    }

    /// A length or a place, big end first.
    pub(crate) fn size_be(self, at: usize) -> Result<usize, Wrong> {
        usize::try_from(self.u32_be(at)?).map_err(|_| Wrong::broken(at))
    }

    /// A length or a place, little end first.
    pub(crate) fn size_le(self, at: usize) -> Result<usize, Wrong> {
        usize::try_from(self.u32_le(at)?).map_err(|_| Wrong::broken(at))
    }

    fn array<const N: usize>(self, at: usize) -> Result<[u8; N], Wrong> {
        self.slice(at, N)?.try_into().map_err(|_| Wrong::broken(at))
    }
}
