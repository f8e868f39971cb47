fn main() {
    let mut t = String::new();
    std::io::Read::read_to_string(&mut std::io::stdin(), &mut t).unwrap();
    match handclasp_explain::explain_hex(&t) {
        Ok(e) => println!("{e}"),
        Err(e) => println!("{e}"),
    }
}
