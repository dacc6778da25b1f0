/** The home itself: what its air and its devices are like is nobody's body. */
export const HOME = 'home';
