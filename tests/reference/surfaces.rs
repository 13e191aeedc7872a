//! The surfaces of a shipped dialect that speaks of another's server: what is judged, what is refused
//! always, and what is safe, with the reason.

use std::fmt::Write as _;
use std::path::Path;

use borderpost::config::{Disk, Files as _};
use borderpost::dialect::{AnswerForm, Body, Dialect, Required, Surface};
use borderpost::yaml::{Budget, parse};

#[test]
fn the_surfaces_of_matrix_are_listed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/dialects/matrix.yaml");
    let budget = Budget::default();
    let source = Disk.read(&path, budget.bytes_max).expect("the dialect");
    let document = parse(source, budget).expect("YAML");
    let dialect = Dialect::compile(&document).expect("a dialect").dialect;
    let mut page = String::from(
        "# The surfaces of Matrix\n\n\
         What `config/dialects/matrix.yaml` does with each request, made from it. A request that is on none of \
         these is refused. In braces stand what a path holds: of `{room}` and people it matters who they are, \
         of `{_}` nothing does.\n",
    );
    for leg in &dialect.legs {
        let name = leg.name.as_deref().unwrap_or("clients");
        let _ = write!(
            page,
            "\n## {name}\n\n| request | act | what it carries | what comes back |\n| --- | --- | --- | --- |\n"
        );
        for surface in dialect
            .surfaces
            .get(leg.surfaces.clone())
            .into_iter()
            .flatten()
        {
            page.push_str(&row(surface));
        }
    }
    super::check_made("matrix-surfaces.md", &page);
}

fn row(surface: &Surface) -> String {
    let route = surface.name.replace('|', "\\|");
    if let Some(why) = &surface.never {
        return format!("| `{route}` | *never* | {why} | |\n");
    }
    let open = match surface.identity {
        Required::Required => "",
        Required::Open => ", open to everyone",
    };
    let carries = match &surface.body {
        Body::Nothing => "nothing",
        Body::Json(_) => "is judged",
        Body::Bytes => "bytes, by what they are",
        Body::Shown(_) => "is judged and edited for its reader",
        Body::Noted(_) => "is learnt from, and passes as it came",
    };
    let back = match &surface.answer {
        AnswerForm::Nothing => "no body".to_owned(),
        AnswerForm::Json(_) => "is judged and edited".to_owned(),
        AnswerForm::Events(_) => "is judged event by event".to_owned(),
        AnswerForm::Bytes => "bytes".to_owned(),
        AnswerForm::Untouched(why) => format!("as it is: {why}"),
    };
    format!(
        "| `{route}` | {}{open} | {carries} | {back} |\n",
        surface.act.as_str()
    )
}
