//! Places and the distances between them: on a plane, or on the globe.

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Place {
    /// On a plane, in any unit.
    Plane {
        /// To the right.
        x: f64,
        /// Up.
        y: f64,
    },
    /// On the globe, in radians.
    Globe {
        /// From the equator.
        latitude: f64,
        /// From Greenwich.
        longitude: f64,
    },
}

/// The mean radius of the earth (Moritz 2000), in kilometres.
const EARTH_KILOMETRES: f64 = 6_371.008_8;

impl Place {
    /// A place of the globe from degrees.
    pub(crate) fn degrees(latitude: f64, longitude: f64) -> Self {
        Self::Globe {
            latitude: latitude.to_radians(),
            longitude: longitude.to_radians(),
        }
    }

    /// How far apart two places are: in their own unit, or in kilometres along the great circle
    /// (haversine formula, Sinnott 1984). A place of a plane and one of the globe are nowhere near.
    pub(crate) fn distance(&self, other: &Self) -> f64 {
        match (self, other) {
            (Self::Plane { x, y }, Self::Plane { x: x2, y: y2 }) => (x - x2).hypot(y - y2),
            (
                Self::Globe {
                    latitude,
                    longitude,
                },
                Self::Globe {
                    latitude: latitude2,
                    longitude: longitude2,
                },
            ) => {
                let up = ((latitude - latitude2) / 2.0).sin().powi(2);
                let along = ((longitude - longitude2) / 2.0).sin().powi(2);
                let square = up + latitude.cos() * latitude2.cos() * along;
                2.0 * EARTH_KILOMETRES * square.clamp(0.0, 1.0).sqrt().asin()
            }
            _ => f64::INFINITY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_degree_of_the_equator_and_a_triangle_of_three_four_five() {
        let degree = Place::degrees(0.0, 10.0).distance(&Place::degrees(0.0, 11.0));
        assert!((degree - 111.195).abs() < 1e-3, "{degree}");
        let (here, there) = (
            Place::Plane { x: 1.0, y: 1.0 },
            Place::Plane { x: 4.0, y: 5.0 },
        );
        assert_eq!(here.distance(&there), 5.0);
        assert_eq!(here.distance(&Place::degrees(1.0, 1.0)), f64::INFINITY);
    }
}
