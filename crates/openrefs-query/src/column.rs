//! The columns of reports: of `refdomains`, and of `domain_rating`.

/// A column that the report returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    /// The referring domain.
    Refdomain,
    /// Its distinct backlinks into the scope.
    Backlinks,
    /// Its distinct pages that hold them.
    Refpages,
    /// Earliest visit that held one.
    FirstSeen,
    /// Latest visit that held one.
    LastVisited,
    /// Rating of the referring domain, 0 to 100.
    DomainRating,
}

impl Column {
    /// All of them, in the order of an answer.
    pub const ALL: [Self; 6] = [
        Self::Refdomain,
        Self::Backlinks,
        Self::Refpages,
        Self::FirstSeen,
        Self::LastVisited,
        Self::DomainRating,
    ];

    /// Its name in requests and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Refdomain => "refdomain",
            Self::Backlinks => "backlinks",
            Self::Refpages => "refpages",
            Self::FirstSeen => "first_seen",
            Self::LastVisited => "last_visited",
            Self::DomainRating => "domain_rating",
        }
    }

    /// The column of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }
}

/// A column of the report `domain_rating`, which is about one domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DomainColumn {
    /// Rating of the domain, 0 to 100.
    DomainRating,
    /// Its rank among all domains of the index by score, 1 = strongest; 0 for a domain that is not there.
    AhrefsTop,
}

impl DomainColumn {
    /// All of them, in the order of an answer.
    pub const ALL: [Self; 2] = [Self::DomainRating, Self::AhrefsTop];

    /// Its name in requests and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::DomainRating => "domain_rating",
            Self::AhrefsTop => "ahrefs_top",
        }
    }

    /// The column of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }
}
