package mpi

// conformEngines is what has to do the same.
var conformEngines = []Engine{Local{}, OpenMPI{}}
