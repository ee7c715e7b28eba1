//! Choosing the text that shows a status: the one the author would have written.
//!
//! First the commonest text of the column, or of the document, that says exactly this and looks
//! like its neighbours; then the legend; then a default. Free text is never repeated. Symbols are
//! spelled in the form that the column, the legend or the file uses.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::Status;
use super::writer::Writer;
use crate::checklist::Checklist;
use crate::item::{Context, Item, State};
use crate::source::Span;
use crate::status::symbol::{Found, PAUSE, pictograph_at, spell_symbol, symbols};
use crate::status::{Entry, Form, Look, is_skip_word, read};
use crate::table::{Collector, Texts, Usage};

/// What is known of one status column.
#[derive(Debug)]
pub(super) struct Column<'a> {
    texts: &'a [Usage],
    /// What most of its cells look like.
    pub look: Look,
    form: Option<Form>,
    /// The text for each status, once it was chosen.
    chosen: [OnceCell<Rc<str>>; 4],
    /// All cells of the column have this width, measured so.
    pub padded: OnceCell<Option<super::row::Padding>>,
}

/// What a text that is written has to look like and say.
type Wanted = (Look, Status, Form);

/// Chooses texts for one document.
pub(super) struct Chooser<'a> {
    checklist: &'a Checklist,
    document: OnceCell<Texts>,
    file_form: OnceCell<Form>,
    legend_form: OnceCell<Option<Form>>,
    /// The line of the legend for each status.
    legend: [OnceCell<Option<&'a Entry>>; 4],
    /// What was chosen where a column says nothing like it; most columns of a document are alike.
    elsewhere: RefCell<Vec<(Wanted, Rc<str>)>>,
}

/// How many symbols stand in each form.
#[derive(Default)]
struct Forms {
    plain: usize,
    mac_roman: usize,
    cp1252: usize,
    /// Of those, how many show that undefined bytes were kept, or lost.
    kept: usize,
    lost: usize,
}

impl Forms {
    fn add(&mut self, found: &Found, count: usize) {
        if found.shortcode {
            return;
        }
        match found.form {
            Form::Plain => self.plain += count,
            Form::MacRoman => self.mac_roman += count,
            Form::Cp1252 => {
                self.cp1252 += count;
                self.kept += if found.neutral { 0 } else { count };
            }
            Form::Cp1252Lost => {
                self.cp1252 += count;
                self.lost += count;
            }
        }
    }

    /// The form of the majority; none without symbols, plain in a tie.
    fn majority(&self) -> Option<Form> {
        let most = self.plain.max(self.mac_roman).max(self.cp1252);
        let holders = [self.plain, self.mac_roman, self.cp1252]
            .iter()
            .filter(|&&n| n == most)
            .count();
        Some(match most {
            0 => return None,
            _ if holders > 1 || self.plain == most => Form::Plain,
            _ if self.mac_roman == most => Form::MacRoman,
            _ if self.lost > self.kept => Form::Cp1252Lost,
            _ => Form::Cp1252,
        })
    }
}

/// What the status cells of a table say.
fn column_texts(context: &Context) -> &[Usage] {
    let texts = context.table.as_ref().and_then(|table| table.texts.get());
    texts.map_or(&[], |texts| &texts.usages)
}

impl<'a> Column<'a> {
    /// The status column of the table that rows of this context are in.
    pub fn new(context: &'a Context) -> Self {
        let texts = column_texts(context);
        let mut forms = Forms::default();
        let mut looks: [(Look, usize); 4] = [
            (Look::Symbol, 0),
            (Look::Word, 0),
            (Look::SymbolWord, 0),
            (Look::Box, 0),
        ];
        for usage in texts {
            if let Some(found) = &usage.reading.symbol {
                forms.add(found, usage.count);
            }
            let look = if usage.reading.look == Look::BoxText {
                Look::Box
            } else {
                usage.reading.look
            };
            if let Some(entry) = looks.iter_mut().find(|(known, _)| *known == look) {
                entry.1 += usage.count;
            }
        }
        // The first of the commonest; a column that says nothing yet gets symbols.
        let look = looks
            .iter()
            .rev()
            .max_by_key(|(_, count)| *count)
            .map_or(Look::Symbol, |(look, _)| *look);
        let look = if looks.iter().all(|(_, count)| *count == 0) {
            Look::Symbol
        } else {
            look
        };
        Self {
            texts,
            look,
            form: forms.majority(),
            chosen: Default::default(),
            padded: OnceCell::new(),
        }
    }
}

impl<'a> Chooser<'a> {
    pub fn new(checklist: &'a Checklist) -> Self {
        Self {
            checklist,
            document: OnceCell::new(),
            file_form: OnceCell::new(),
            legend_form: OnceCell::new(),
            legend: Default::default(),
            elsewhere: RefCell::default(),
        }
    }

    /// The texts of all status columns.
    fn document(&self) -> &[Usage] {
        let texts = self.document.get_or_init(|| {
            let mut texts = Collector::new(&self.checklist.source);
            let mut items = self.checklist.items();
            // The rows of a table stand side by side.
            while let Some(item) = items.first() {
                for usage in column_texts(&item.context) {
                    texts.add(usage.clone());
                }
                let same = |other: &&Item| Arc::ptr_eq(&other.context, &item.context);
                items = &items[items.iter().take_while(same).count()..];
            }
            texts.texts()
        });
        &texts.usages
    }

    /// The text that shows a status in a column.
    pub fn text<'c>(&self, column: &'c Column<'_>, status: Status) -> &'c str {
        column.chosen[status as usize].get_or_init(|| self.choose(column, status))
    }

    fn choose(&self, column: &Column<'_>, status: Status) -> Rc<str> {
        let look = match column.look {
            Look::Box => return if status == Status::Pass { "[x]" } else { "[ ]" }.into(),
            look => look,
        };
        let ascii = !self.checklist.source.is_utf8();
        let form = self.form(column);
        let usable = |text: &String| !ascii || text.is_ascii();
        let word = || status.as_str().to_owned();
        if let Some(text) = self.common(column.texts, look, status, form) {
            return Some(text).filter(usable).unwrap_or_else(word).into();
        }
        let reads = |text: &String| usable(text) && self.reads_as(text, look, status);
        let choose = || {
            self.common(self.document(), look, status, form)
                .filter(reads)
                .or_else(|| self.legend_text(look, status, form).filter(reads))
                .or_else(|| default_text(look, status, form).filter(reads))
                .unwrap_or_else(word)
                .into()
        };
        let wanted = (look, status, form);
        let mut elsewhere = self.elsewhere.borrow_mut();
        // A dozen at most: quicker than to hash.
        if let Some((_, text)) = elsewhere.iter().find(|(known, _)| *known == wanted) {
            return Rc::clone(text);
        }
        let text: Rc<str> = choose();
        elsewhere.push((wanted, Rc::clone(&text)));
        text
    }

    /// A symbol alone, for bullets that use one in place of a box.
    pub fn symbol(&self, status: Status) -> Option<String> {
        let form = self.file_form();
        let ascii = !self.checklist.source.is_utf8();
        let reads = |text: &String| {
            (!ascii || text.is_ascii()) && self.reads_as(text, Look::Symbol, status)
        };
        self.legend_text(Look::Symbol, status, form)
            .filter(reads)
            .or_else(|| default_text(Look::Symbol, status, form).filter(reads))
    }

    /// Whether a text looks like this, and says this status and no more here: the legend may give a
    /// usual symbol a meaning of its own, and its words may be anything.
    fn reads_as(&self, text: &str, look: Look, status: Status) -> bool {
        let reading = read(text, &self.checklist.parts.legend);
        reading.look == look
            && Writer::says(reading.state, status)
            && !reading.complex
            && !reading.contradiction
            && !is_free_text(text)
    }

    /// The symbol that the legend gives, as it stands there.
    ///
    /// Regions use only these: a form guessed from the rest of the file could change with what is
    /// written to the rest of the file.
    pub fn legend_symbol(&self, status: Status) -> Option<&'a str> {
        let spelling = self.legend_entry(status)?.spelling.as_ref();
        spelling.map(|(text, _)| text.as_str())
    }

    fn form(&self, column: &Column<'_>) -> Form {
        column
            .form
            .or_else(|| self.legend_form())
            .unwrap_or_else(|| self.file_form())
    }

    fn legend_form(&self) -> Option<Form> {
        *self.legend_form.get_or_init(|| {
            let mut forms = Forms::default();
            let entries = &self.checklist.parts.legend.entries;
            for (text, _) in entries.iter().filter_map(|entry| entry.spelling.as_ref()) {
                if let Some(found) = pictograph_at(text) {
                    forms.add(&found, 1);
                }
            }
            forms.majority()
        })
    }

    /// The form that most symbols of the whole file have.
    pub fn file_form(&self) -> Form {
        *self.file_form.get_or_init(|| {
            let source = &self.checklist.source;
            let mut forms = Forms::default();
            if let Some(text) = source.str(Span::new(0, source.bytes().len())) {
                for (_, found) in symbols(text) {
                    forms.add(&found, 1);
                }
            }
            forms.majority().unwrap_or(Form::Plain)
        })
    }

    /// The commonest text that says this and looks right.
    fn common(&self, texts: &[Usage], look: Look, status: Status, form: Form) -> Option<String> {
        let source = &self.checklist.source;
        // Spellings of one text in several forms count together.
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let mut groups: Vec<(usize, &Usage)> = Vec::new();
        for usage in texts {
            let reading = &usage.reading;
            let fits = reading.look == look
                && reading.state == wanted(status)
                && !reading.complex
                && !reading.contradiction;
            if !fits {
                continue;
            }
            let text = source.text(usage.span);
            if is_free_text(&text) {
                continue;
            }
            let next = groups.len();
            let number = *numbers.entry(plain_spelling(&text)).or_insert(next);
            if number == next {
                groups.push((usage.count, usage));
                continue;
            }
            let in_form = |usage: &Usage| {
                let own = usage.reading.form();
                own.is_some_and(|own| same_form(own, form))
            };
            let group = &mut groups[number];
            group.0 += usage.count;
            if in_form(usage) && !in_form(group.1) {
                group.1 = usage;
            }
        }
        let (_, best) = groups.into_iter().rev().max_by_key(|group| group.0)?;
        let text = source.text(best.span);
        match best.reading.form() {
            Some(own) if !same_form(own, form) => respell(&text, form),
            _ => Some(text.into_owned()),
        }
    }

    /// The line of the legend for a status.
    fn legend_entry(&self, status: Status) -> Option<&'a Entry> {
        *self.legend[status as usize].get_or_init(|| {
            let entries = &self.checklist.parts.legend.entries;
            let skips = |entry: &&Entry| entry.symbol == Some(PAUSE) || is_skip_word(&entry.word);
            let skip = entries
                .iter()
                .find(skips)
                .filter(|_| status == Status::Skip);
            skip.or_else(|| entries.iter().find(|entry| entry.state == wanted(status)))
        })
    }

    fn legend_text(&self, look: Look, status: Status, form: Form) -> Option<String> {
        let entry = self.legend_entry(status)?;
        let symbol = || {
            let (text, own) = entry.spelling.as_ref()?;
            if same_form(*own, form) {
                Some(text.clone())
            } else {
                respell(text, form)
            }
        };
        let word = || (!entry.word.is_empty()).then(|| entry.word.clone());
        match look {
            Look::Word => word(),
            Look::SymbolWord => Some(format!("{} {}", symbol()?, word()?)),
            _ => symbol(),
        }
    }
}

/// Whether a text holds more than a status, or what would be markup in another cell.
fn is_free_text(text: &str) -> bool {
    text.contains(['%', '<', '`', '[', '\\', '|'])
}

/// The state that a written status reads as.
fn wanted(status: Status) -> State {
    match status {
        Status::Pass => State::Pass,
        Status::Warn => State::Warn,
        Status::Fail => State::Fail,
        Status::Skip => State::NotRun,
    }
}

/// A symbol that tells nothing about undefined bytes fits both spellings of windows-1252.
fn same_form(own: Form, wanted: Form) -> bool {
    let cp1252 = |form| matches!(form, Form::Cp1252 | Form::Cp1252Lost);
    own == wanted || cp1252(own) && cp1252(wanted)
}

fn default_text(look: Look, status: Status, form: Form) -> Option<String> {
    let symbol = match status {
        Status::Pass => '✅',
        Status::Warn => '⚠',
        Status::Fail => '❌',
        Status::Skip => PAUSE,
    };
    match look {
        Look::Word => Some(status.as_str().to_owned()),
        Look::SymbolWord => Some(format!(
            "{} {}",
            spell_symbol(symbol, form)?,
            status.as_str()
        )),
        _ => spell_symbol(symbol, form),
    }
}

/// A text with its symbols as they should be.
fn plain_spelling(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let found = pictograph_at(rest).filter(|found| !found.shortcode);
        out.push(found.map_or(c, |found| found.symbol));
        rest = &rest[found.map_or(c.len_utf8(), Found::length)..];
    }
    out
}

/// A text with its symbols spelled in a form; none where one cannot be.
fn respell(text: &str, form: Form) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(found) = pictograph_at(rest).filter(|found| !found.shortcode) {
            out.push_str(&spell_symbol(found.symbol, form)?);
            rest = &rest[found.length()..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    Some(out)
}
