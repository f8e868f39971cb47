//! what happened, as evidence without text or secrets
