//! What the ledger promises, attacked from outside.

#[cfg(test)]
mod crash;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod toy;
#[cfg(test)]
mod writer;
