//! What a test can do to hosted zones, and see of them: whosever they are, and at once.

use super::controls::unknown;
use super::{Unknown, World};
use crate::route53::{HostedZone, RecordChange, RecordSet};

impl World {
    /// Adds a hosted zone with name servers and a start of authority. One of this id, of any account, is left as it is.
    pub fn add_hosted_zone(&mut self, account: &str, id: &str, name: &str) {
        if self.zone_mut(id).is_err() {
            let name = name.trim_end_matches('.').to_ascii_lowercase() + ".";
            let zone = HostedZone::new(id, &name, &format!("sandbox {id}"), None);
            let account = self.accounts.entry(account.to_owned()).or_default();
            account.dns.zones.insert(id.to_owned(), zone);
        }
    }

    /// Somebody else puts a record into a hosted zone, instead of the one of the same name, type and identifier. Nothing
    /// is checked.
    ///
    /// # Errors
    /// When there is no such zone.
    pub fn put_record(&mut self, zone: &str, record: RecordSet) -> Result<(), Unknown> {
        self.meddle(zone, |zone| zone.put(record))
    }

    /// Somebody else removes the record of this name and type (that without an identifier) from a hosted zone; whether
    /// there was one is the answer.
    ///
    /// # Errors
    /// When there is no such zone.
    pub fn remove_record(&mut self, zone: &str, name: &str, kind: &str) -> Result<bool, Unknown> {
        let named = RecordSet::values(name, kind, 0, &[]);
        self.meddle(zone, |zone| zone.remove(&named))
    }

    /// All records of a hosted zone, in the order in which Route 53 lists them.
    ///
    /// # Errors
    /// When there is no such zone.
    pub fn records(&self, zone: &str) -> Result<Vec<RecordSet>, Unknown> {
        Ok(self.zone(zone)?.records().to_vec())
    }

    /// Who has changed which record of a hosted zone since it was made, oldest first.
    ///
    /// # Errors
    /// When there is no such zone.
    pub fn record_changes(&self, zone: &str) -> Result<Vec<RecordChange>, Unknown> {
        Ok(self.zone(zone)?.history().to_vec())
    }

    /// Somebody else changes a zone.
    fn meddle<T>(&mut self, id: &str, change: impl FnOnce(&mut HostedZone) -> T) -> Result<T, Unknown> {
        let now = self.now_ms();
        let zone = self.zone_mut(id)?;
        let before = zone.records().to_vec();
        let done = change(zone);
        zone.note(&before, None, None, now);
        Ok(done)
    }

    fn zone(&self, id: &str) -> Result<&HostedZone, Unknown> {
        let mut zones = self.accounts.values().map(|account| &account.dns.zones);
        zones
            .find_map(|zones| zones.get(id))
            .ok_or_else(|| unknown("hosted zone", id))
    }

    fn zone_mut(&mut self, id: &str) -> Result<&mut HostedZone, Unknown> {
        let mut zones = self.accounts.values_mut().map(|account| &mut account.dns.zones);
        zones
            .find_map(|zones| zones.get_mut(id))
            .ok_or_else(|| unknown("hosted zone", id))
    }
}
