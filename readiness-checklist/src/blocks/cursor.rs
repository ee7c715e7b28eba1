//! A position in a line that counts columns: a tab reaches to the next multiple of four, and a
//! container may consume part of one.

/// Where we are in a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    pub pos: usize,
    end: usize,
    column: usize,
    /// Columns left of a tab that was consumed in part.
    rest_of_tab: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(bytes: &'a [u8], start: usize, end: usize) -> Self {
        Self {
            bytes,
            pos: start,
            end,
            column: 0,
            rest_of_tab: 0,
        }
    }

    /// The width of the blanks ahead in columns, and where they end.
    pub fn indent(&self) -> (usize, usize) {
        let mut width = self.rest_of_tab;
        let mut column = self.column + self.rest_of_tab;
        let mut pos = self.pos;
        while pos < self.end {
            let step = match self.bytes[pos] {
                b' ' => 1,
                b'\t' => 4 - column % 4,
                _ => break,
            };
            width += step;
            column += step;
            pos += 1;
        }
        (width, pos)
    }

    /// Consumes up to so many columns of blanks.
    pub fn skip_columns(&mut self, mut columns: usize) {
        while columns > 0 {
            if self.rest_of_tab > 0 {
                let step = self.rest_of_tab.min(columns);
                self.rest_of_tab -= step;
                self.column += step;
                columns -= step;
                continue;
            }
            if self.pos >= self.end {
                return;
            }
            match self.bytes[self.pos] {
                b' ' => {
                    self.column += 1;
                    columns -= 1;
                }
                b'\t' => {
                    let width = 4 - self.column % 4;
                    let step = width.min(columns);
                    self.column += step;
                    self.rest_of_tab = width - step;
                    columns -= step;
                }
                _ => return,
            }
            self.pos += 1;
        }
    }

    /// Consumes so many bytes that are one column each (the marker of a container).
    pub fn skip_bytes(&mut self, count: usize) {
        self.pos = (self.pos + count).min(self.end);
        self.column += count;
        self.rest_of_tab = 0;
    }

    pub fn end(&self) -> usize {
        self.end
    }
}
