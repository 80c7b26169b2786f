package cuda

import (
	"sync"
	"unsafe"

	"cookbook/internal/gpu/dl"
	"cookbook/internal/gpu/driver"
)

// curand is the library cuRAND.
type curand struct {
	library                                                           driver.Library
	property, create, destroy, setStream, setSeed, setOffset, uniform dl.Func
}

// loadRandom loads cuRAND, once.
var loadRandom = sync.OnceValues(func() (*curand, *none) {
	r := &curand{}
	_, none := openLibrary(libcurand(), process().version.major, []function{
		{&r.property, "curandGetProperty"}, {&r.create, "curandCreateGenerator"}, {&r.destroy, "curandDestroyGenerator"},
		{&r.setStream, "curandSetStream"}, {&r.setSeed, "curandSetPseudoRandomGeneratorSeed"}, {&r.setOffset, "curandSetGeneratorOffset"},
		{&r.uniform, "curandGenerateUniform"},
	})
	if none != nil {
		return nil, none
	}
	r.library = driver.Library{Name: "cuRAND", Version: versionOf(r.property)}
	return r, nil
})

// Uniform makes numbers of (0, 1] with cuRAND's Philox4x32-10. The same seed gives the same numbers.
func (q *queue) Uniform(seed uint64, n int, out driver.Buffer) (driver.Event, driver.Library, error) {
	d := q.device
	random, none := loadRandom()
	if none != nil {
		return nil, driver.Library{}, none.on(d.info.Name)
	}
	if err := q.prepare("random numbers", func() error { return q.prepareRandom(random) }); err != nil {
		return nil, random.library, err
	}
	e, err := q.run("random numbers", false, func() error {
		generator := q.libraries.generator
		rc := random.setSeed.Call(generator, uintptr(seed))
		if rc == 0 {
			rc = random.setOffset.Call(generator, 0)
		}
		if rc == 0 {
			rc = random.uniform.Call(generator, out.(*buffer).at, uintptr(n))
		}
		return random.failure(d, rc)
	})
	return e, random.library, err
}

// prepareRandom makes the queue's generator.
func (q *queue) prepareRandom(random *curand) error {
	if q.libraries.generator != 0 {
		return nil
	}
	const philox = 161 // CURAND_RNG_PSEUDO_PHILOX4_32_10
	var generator uintptr
	if err := random.failure(q.device, random.create.Call(uintptr(unsafe.Pointer(&generator)), philox)); err != nil {
		return err
	}
	if err := random.failure(q.device, random.setStream.Call(generator, q.stream)); err != nil {
		random.destroy.Call(generator)
		return err
	}
	q.libraries.generator = generator
	return nil
}

func (r *curand) failure(d *device, rc uintptr) error {
	const allocationFailed, archMismatch = 102, 204
	return status(rc).failure(d, r.library, "random numbers", []status{allocationFailed}, []status{archMismatch})
}
