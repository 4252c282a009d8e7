//! The small words of programmes and times: numbers, names, and four marks. Line breaks are white space.
//!
//! What a token means is said in `time.rs` and `programme.rs`; here only the text is cut, and each piece keeps its place.

use plastica_lang::source::{Span, Text};

/// A piece of text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    /// Digits, perhaps with a point: `15`, `7.5`.
    Number(String),
    /// A name or a word: letters, digits, `_` and `-`, the first of them a letter or `_`.
    Word(String),
    Comma,
    Open,
    Close,
    Colon,
    /// A character that means nothing here.
    Other(char),
}

impl Token {
    /// As a message shows it.
    pub fn shown(&self) -> String {
        match self {
            Token::Number(text) | Token::Word(text) => format!("`{text}`"),
            Token::Comma => "`,`".into(),
            Token::Open => "`(`".into(),
            Token::Close => "`)`".into(),
            Token::Colon => "`:`".into(),
            Token::Other(c) => format!("`{c}`"),
        }
    }
}

/// The tokens of a text, read one after another.
pub(crate) struct Cursor<'a> {
    text: &'a Text,
    tokens: Vec<(Token, usize, usize)>,
    at: usize,
}

/// May a name begin with this character?
fn begins_name(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

/// Can programmes call a block by this name?
pub(crate) fn is_name(name: &str) -> bool {
    name.starts_with(begins_name) && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') && !["x", "day", "until"].contains(&name)
}

impl<'a> Cursor<'a> {
    /// Cuts a text.
    pub fn new(text: &'a Text) -> Cursor<'a> {
        let mut tokens = Vec::new();
        let all = text.text.as_str();
        let mut at = 0;
        while let Some(c) = all[at..].chars().next() {
            let run = |good: fn(char) -> bool| all[at..].find(|c| !good(c)).map_or(all.len(), |n| at + n);
            let end = match c {
                c if c.is_whitespace() => at + c.len_utf8(),
                '0'..='9' => {
                    let end = run(|c| c.is_ascii_digit() || c == '.');
                    tokens.push((Token::Number(all[at..end].into()), at, end));
                    end
                }
                c if begins_name(c) => {
                    let end = run(|c| c.is_alphanumeric() || c == '_' || c == '-');
                    tokens.push((Token::Word(all[at..end].into()), at, end));
                    end
                }
                c => {
                    let token = match c {
                        ',' => Token::Comma,
                        '(' => Token::Open,
                        ')' => Token::Close,
                        ':' => Token::Colon,
                        other => Token::Other(other),
                    };
                    tokens.push((token, at, at + c.len_utf8()));
                    at + c.len_utf8()
                }
            };
            at = end;
        }
        Cursor { text, tokens, at: 0 }
    }

    /// The next token, which stays.
    pub fn peek(&self) -> Option<&Token> {
        self.ahead(0)
    }

    /// The token after so many others.
    pub fn ahead(&self, n: usize) -> Option<&Token> {
        self.tokens.get(self.at + n).map(|(t, ..)| t)
    }

    /// Goes past the next token.
    pub fn skip(&mut self) {
        self.at = (self.at + 1).min(self.tokens.len());
    }

    /// Goes past the next token if it is this one.
    pub fn take(&mut self, token: &Token) -> bool {
        let same = self.peek() == Some(token);
        if same {
            self.skip();
        }
        same
    }

    /// Goes past the next token if it is this word.
    pub fn take_word(&mut self, word: &str) -> bool {
        let same = matches!(self.peek(), Some(Token::Word(w)) if w == word);
        if same {
            self.skip();
        }
        same
    }

    /// How many tokens have been read; for [`Cursor::since`].
    pub fn mark(&self) -> usize {
        self.at
    }

    /// Place of the tokens read since a mark; of the next token if there are none.
    pub fn since(&self, mark: usize) -> Span {
        match (self.tokens.get(mark), self.at.checked_sub(1).and_then(|i| self.tokens.get(i))) {
            (Some((_, start, _)), Some((.., end))) if self.at > mark => self.text.place(*start, *end),
            _ => self.here(),
        }
    }

    /// Place of the next token, or of the end.
    pub fn here(&self) -> Span {
        match self.tokens.get(self.at) {
            Some((_, start, end)) => self.text.place(*start, *end),
            None => {
                let end = self.text.text.trim_end().len();
                self.text.place(end, end)
            }
        }
    }

    /// The next token in words.
    pub fn shown(&self) -> String {
        self.peek().map_or("the end".into(), Token::shown)
    }
}
