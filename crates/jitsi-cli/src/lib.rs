//! The face of every command: shared flags, printer, progress, exit codes; and the jitsi-config command.
